// SPDX-License-Identifier: Apache-2.0
#include "vmm/kvm/vm.h"

#include <linux/kvm.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "vmm/base/error.h"
#include "vmm/base/ioctl.h"
#include "vmm/base/log.h"
#include "vmm/kvm/arch.h"
#include "vmm/kvm/counted_table.h"

namespace lintel::kvm {

Vm::Vm(const System& system) : system_(system), fd_(system.create_vm()) {
  set_up(*this);
}

void Vm::interrupt_controllers_changed() {
  msi_has_device_ids_ = capability(KVM_CAP_MSI_DEVID) > 0;
}

int Vm::capability(int number) const {
  const int value = ::ioctl(fd_.get(), KVM_CHECK_EXTENSION, number);
  return value < 0 ? 0 : value;
}

void Vm::set_slot(const Slot& slot) {
  kvm_userspace_memory_region region{};
  region.slot = slot.id;
  region.flags = slot.read_only ? KVM_MEM_READONLY : 0;
  region.guest_phys_addr = slot.range.base.value;
  region.memory_size = slot.range.size;
  region.userspace_addr = reinterpret_cast<uintptr_t>(slot.host);
  with_context(
      [&] {
        return fmt::format("Cannot give the guest memory [{:#x}, +{:#x}) as slot {}",
                           slot.range.base.value, slot.range.size, slot.id);
      },
      [&] {
        checked_ioctl(fd_.get(), KVM_SET_USER_MEMORY_REGION, "KVM_SET_USER_MEMORY_REGION", &region);
      });
}

void Vm::clear_slot(uint32_t id) {
  kvm_userspace_memory_region region{};
  region.slot = id;
  // Deleting a slot that exists fails only for want of kernel memory.
  if (::ioctl(fd_.get(), KVM_SET_USER_MEMORY_REGION, &region) != 0) {
    log::error("Cannot delete memory slot {}: {}", id, errno_text(errno));
  }
}

void Vm::set_irq_line(Gsi gsi, bool level) {
  kvm_irq_level line{};
  line.irq = irq_line_number(gsi);
  line.level = level ? 1 : 0;
  if (::ioctl(fd_.get(), KVM_IRQ_LINE, &line) != 0) {
    log::error("Cannot set interrupt {} to {}: {}", gsi.value, level, errno_text(errno));
  }
}

bool Vm::signal_msi(const MsiMessage& message, uint16_t requester) {
  kvm_msi msi{};
  msi.address_lo = static_cast<uint32_t>(message.address);
  msi.address_hi = static_cast<uint32_t>(message.address >> 32);
  msi.data = message.data;
  if (msi_has_device_ids_) {
    msi.flags = KVM_MSI_VALID_DEVID;
    msi.devid = requester;
  }
  return ::ioctl(fd_.get(), KVM_SIGNAL_MSI, &msi) > 0;
}

void Vm::set_routes(std::span<const kvm_irq_routing_entry> entries) {
  using Table = CountedTable<kvm_irq_routing_entry>;
  Table table(entries.size());
  std::copy(entries.begin(), entries.end(), table.entries().begin());
  checked_ioctl(fd_.get(), Table::request(KVM_SET_GSI_ROUTING), "KVM_SET_GSI_ROUTING",
                table.argument());
}

void Vm::assign_irqfd(int event_fd, Gsi gsi) {
  kvm_irqfd irqfd{};
  irqfd.fd = static_cast<uint32_t>(event_fd);
  irqfd.gsi = gsi.value;
  checked_ioctl(fd_.get(), KVM_IRQFD, "KVM_IRQFD", &irqfd);
}

void Vm::assign_level_irqfd(int event_fd, int resample_fd, Gsi gsi) {
  kvm_irqfd irqfd{};
  irqfd.fd = static_cast<uint32_t>(event_fd);
  irqfd.gsi = gsi.value;
  irqfd.flags = KVM_IRQFD_FLAG_RESAMPLE;
  irqfd.resamplefd = static_cast<uint32_t>(resample_fd);
  checked_ioctl(fd_.get(), KVM_IRQFD, "KVM_IRQFD with a resample event", &irqfd);
}

void Vm::deassign_irqfd(int event_fd, Gsi gsi) {
  kvm_irqfd irqfd{};
  irqfd.fd = static_cast<uint32_t>(event_fd);
  irqfd.gsi = gsi.value;
  irqfd.flags = KVM_IRQFD_FLAG_DEASSIGN;
  if (::ioctl(fd_.get(), KVM_IRQFD, &irqfd) != 0) {
    log::error("Cannot take back irqfd {} of interrupt {}: {}", event_fd, gsi.value,
               errno_text(errno));
  }
}

MemorySlots::MemorySlots(Vm& vm, MemoryMap& map)
    : vm_(vm), map_(map), ids_(static_cast<uint32_t>(vm.capability(KVM_CAP_NR_MEMSLOTS))) {
  map_.subscribe(*this);
}

MemorySlots::~MemorySlots() {
  map_.unsubscribe(*this);
}

void MemorySlots::added(const MappedMemory& memory) {
  const std::optional<uint32_t> id = ids_.take();
  if (!id) {
    throw_error("Cannot map guest memory [{:#x}, +{:#x}): all {} memory slots of KVM are used",
                memory.range.base.value, memory.range.size, ids_.limit());
  }
  try {
    vm_.set_slot({*id, memory.range, memory.host, memory.kind == MemoryKind::kReadOnly});
  } catch (...) {
    ids_.give_back(*id);
    throw;
  }
  used_.push_back({memory.range, *id});
}

void MemorySlots::removed(const MappedMemory& memory) {
  const auto found = std::find_if(used_.begin(), used_.end(),
                                  [&](const Used& used) { return used.range == memory.range; });
  if (found == used_.end()) return;
  vm_.clear_slot(found->id);
  ids_.give_back(found->id);
  used_.erase(found);
}

bool Doorbells::add(const Doorbell& doorbell, int event_fd) {
  return change(doorbell, event_fd, false);
}

void Doorbells::remove(const Doorbell& doorbell, int event_fd) {
  change(doorbell, event_fd, true);
}

bool Doorbells::change(const Doorbell& doorbell, int event_fd, bool remove) {
  kvm_ioeventfd request{};
  request.addr = doorbell.address.value;
  request.len = doorbell.width;
  request.fd = event_fd;
  if (doorbell.space == AddressSpace::kPort) request.flags |= KVM_IOEVENTFD_FLAG_PIO;
  if (remove) request.flags |= KVM_IOEVENTFD_FLAG_DEASSIGN;
  if (::ioctl(vm_.fd(), KVM_IOEVENTFD, &request) == 0) return true;
  log::warn("Cannot {} a doorbell at {:#x}: {}", remove ? "remove" : "add", doorbell.address.value,
            errno_text(errno));
  return false;
}

}  // namespace lintel::kvm
