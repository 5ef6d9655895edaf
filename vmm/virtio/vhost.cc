// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/vhost.h"

// The legacy ring layout that linux/vhost.h brings along is not C++.
#define VIRTIO_RING_NO_LEGACY
#include <fcntl.h>
#include <linux/vhost.h>
#include <sys/epoll.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/base/ioctl.h"

namespace lintel::virtio {
namespace {

UniqueFd open_vhost(const std::string& device) {
  try {
    return open_file(device, O_RDWR);
  } catch (Error& error) {
    if (error.errno_value() == EACCES || error.errno_value() == EPERM) {
      throw std::move(error).with_help(
          fmt::format("give the user access, for example: setfacl -m u:$USER:rw {}", device));
    }
    std::string module = device.substr(device.rfind('/') + 1);
    for (char& c : module) {
      if (c == '-') c = '_';
    }
    throw std::move(error).with_help(fmt::format("load the kernel's module: modprobe {}", module));
  }
}

uint64_t host_address(std::span<const std::byte> bytes) {
  return reinterpret_cast<uintptr_t>(bytes.data());
}

void set_file(int vhost, unsigned long request, const char* name, vhost_vring_file file) {
  checked_ioctl(vhost, request, name, &file);
}

}  // namespace

Vhost::Vhost(const std::string& device) : fd_(open_vhost(device)) {
  with_context([&] { return fmt::format("Cannot use {}", device); },
               [&] {
                 checked_ioctl(fd_.get(), VHOST_SET_OWNER, "VHOST_SET_OWNER", 0);
                 checked_ioctl(fd_.get(), VHOST_GET_FEATURES, "VHOST_GET_FEATURES", &features_);
               });
}

void Vhost::set_features(uint64_t negotiated) const {
  const uint64_t features = negotiated & features_;
  checked_ioctl(fd_.get(), VHOST_SET_FEATURES, "VHOST_SET_FEATURES", &features);
}

void Vhost::set_memory(const GuestMemory& memory) const {
  const auto& regions = memory.regions();
  std::vector<std::byte> table(sizeof(vhost_memory) + regions.size() * sizeof(vhost_memory_region));
  store_le(table.data() + offsetof(vhost_memory, nregions), static_cast<uint32_t>(regions.size()));
  std::byte* entry = table.data() + sizeof(vhost_memory);
  for (const RamRegion& region : regions) {
    const vhost_memory_region described{
        .guest_phys_addr = region.range.base.value,
        .memory_size = region.range.size,
        .userspace_addr = reinterpret_cast<uintptr_t>(region.mapping.data()),
        .flags_padding = 0,
    };
    std::memcpy(entry, &described, sizeof described);
    entry += sizeof described;
  }
  checked_ioctl(fd_.get(), VHOST_SET_MEM_TABLE, "VHOST_SET_MEM_TABLE", table.data());
}

void Vhost::set_queue(unsigned index, const GuestMemory& memory, const Queue& queue,
                      const Signals& signals) const {
  const QueueLayout& layout = queue.layout();
  const vhost_vring_state size{.index = index, .num = layout.size};
  checked_ioctl(fd_.get(), VHOST_SET_VRING_NUM, "VHOST_SET_VRING_NUM", &size);
  const vhost_vring_state base{.index = index, .num = queue.next_available()};
  checked_ioctl(fd_.get(), VHOST_SET_VRING_BASE, "VHOST_SET_VRING_BASE", &base);
  // Queue::configure has checked that the three parts are in RAM; the kernel checks again.
  vhost_vring_addr address{};
  address.index = index;
  address.desc_user_addr = host_address(memory.slice(layout.descriptors, 1));
  address.avail_user_addr = host_address(memory.slice(layout.available, 1));
  address.used_user_addr = host_address(memory.slice(layout.used, 1));
  checked_ioctl(fd_.get(), VHOST_SET_VRING_ADDR, "VHOST_SET_VRING_ADDR", &address);

  set_file(fd_.get(), VHOST_SET_VRING_CALL, "VHOST_SET_VRING_CALL", {index, signals.call});
  set_file(fd_.get(), VHOST_SET_VRING_ERR, "VHOST_SET_VRING_ERR", {index, signals.error});
  set_file(fd_.get(), VHOST_SET_VRING_KICK, "VHOST_SET_VRING_KICK", {index, queue.kick().get()});
}

void Vhost::release_queue(unsigned index) const {
  // Best effort: the back end is stopped, so these have no effect on the guest any more.
  vhost_vring_file none{.index = index, .fd = VHOST_FILE_UNBIND};
  ::ioctl(fd_.get(), VHOST_SET_VRING_KICK, &none);
  ::ioctl(fd_.get(), VHOST_SET_VRING_CALL, &none);
  ::ioctl(fd_.get(), VHOST_SET_VRING_ERR, &none);
}

void Vhost::set_net_backend(unsigned index, int tap) const {
  set_file(fd_.get(), VHOST_NET_SET_BACKEND, "VHOST_NET_SET_BACKEND", {index, tap});
}

void Vhost::set_guest_cid(uint64_t cid) const {
  try {
    checked_ioctl(fd_.get(), VHOST_VSOCK_SET_GUEST_CID, "VHOST_VSOCK_SET_GUEST_CID", &cid);
  } catch (Error& error) {
    if (error.errno_value() != EADDRINUSE) throw;
    throw std::move(error)
        .with_context(
            fmt::format("The vsock context id {} belongs to another virtual machine", cid))
        .with_help("choose another vsock.cid, or end the other one");
  }
}

void Vhost::set_vsock_running(bool running) const {
  const int value = running ? 1 : 0;
  checked_ioctl(fd_.get(), VHOST_VSOCK_SET_RUNNING, "VHOST_VSOCK_SET_RUNNING", &value);
}

void VhostQueues::start(const Activation& activation) {
  try {
    vhost_.set_features(activation.features);
    vhost_.set_memory(*activation.memory);
    for (unsigned i = 0; i < count_ && i < activation.queues.size(); ++i) {
      if (activation.queues[i] != nullptr) start_queue(activation, i, *activation.queues[i]);
    }
  } catch (...) {
    stop();
    throw;
  }
}

void VhostQueues::start_queue(const Activation& activation, unsigned index, const Queue& queue) {
  Served& served = *served_.emplace_back(std::make_unique<Served>());
  served.index = index;
  Interrupts* interrupts = activation.interrupts;
  const auto queue_index = static_cast<uint16_t>(index);
  const int event = interrupts->queue_event_fd(queue_index);
  loop_.run_sync([&, this] {
    if (event < 0) {
      loop_.add(served.call.get(), EPOLLIN, [&served, interrupts, queue_index](uint32_t) {
        if (served.call.consume()) interrupts->queue_interrupt(queue_index);
      });
    }
    loop_.add(served.error.get(), EPOLLIN, [&served, interrupts](uint32_t) {
      if (served.error.consume()) interrupts->needs_reset();
    });
  });
  vhost_.set_queue(index, *activation.memory, queue,
                   {.call = event < 0 ? served.call.get() : event, .error = served.error.get()});
}

void VhostQueues::stop() {
  for (const auto& served : served_) vhost_.release_queue(served->index);
  loop_.run_sync([this] {
    for (const auto& served : served_) {
      loop_.remove(served->call.get());
      loop_.remove(served->error.get());
    }
  });
  served_.clear();
}

}  // namespace lintel::virtio
