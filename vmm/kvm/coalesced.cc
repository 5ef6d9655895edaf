// SPDX-License-Identifier: Apache-2.0
#include "vmm/kvm/coalesced.h"

#include <linux/kvm.h>
#include <sys/ioctl.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/base/mmap_region.h"

namespace lintel::kvm {
namespace {

// struct kvm_coalesced_mmio_ring, whose flexible array some kernel headers declare such that the
// structure is larger in C++.
struct RingHead {
  uint32_t first;  // ours: the oldest entry
  uint32_t last;   // KVM's: where it puts the next one
};
static_assert(sizeof(RingHead) == 8);

size_t ring_page(const Vm& vm) {
  if (vm.capability(KVM_CAP_COALESCED_PIO) <= 0) return 0;
  return static_cast<size_t>(vm.capability(KVM_CAP_COALESCED_MMIO));
}

void hand_over(const kvm_coalesced_mmio& from_kvm, const PortSink& sink) {
  kvm_coalesced_mmio entry = from_kvm;
  const auto size = access_size(entry.len);
  if (entry.pio == 0 || !size || bytes(*size) > sizeof entry.data) return;
  sink({static_cast<uint16_t>(entry.phys_addr), *size, true,
        std::as_writable_bytes(std::span(entry.data)).first(bytes(*size))});
}

}  // namespace

void drain_ring(std::span<std::byte> page, const PortSink& sink) {
  auto* head = reinterpret_cast<RingHead*>(page.data());
  const auto* entries = reinterpret_cast<const kvm_coalesced_mmio*>(page.data() + sizeof(RingHead));
  const auto capacity =
      static_cast<uint32_t>((page.size() - sizeof(RingHead)) / sizeof(kvm_coalesced_mmio));
  const std::atomic_ref<uint32_t> first(head->first);
  const std::atomic_ref<uint32_t> last(head->last);
  uint32_t next = first.load(std::memory_order_relaxed);
  while (next != last.load(std::memory_order_acquire)) {
    if (next >= capacity) return;
    hand_over(entries[next], sink);
    next = (next + 1) % capacity;
    first.store(next, std::memory_order_release);
  }
}

CoalescedPorts::CoalescedPorts(Vm& vm, PortSink sink)
    : vm_(vm), sink_(std::move(sink)), ring_page_(ring_page(vm)) {}

void CoalescedPorts::add(GuestRange ports) {
  if (ring_page_ == 0) return;
  kvm_coalesced_mmio_zone zone{};
  zone.addr = ports.base.value;
  zone.size = static_cast<uint32_t>(ports.size);
  zone.pio = 1;
  if (::ioctl(vm_.fd(), KVM_REGISTER_COALESCED_MMIO, &zone) != 0) {
    log::info("Writes to ports [{:#x}, +{:#x}) cannot wait: {}", ports.base.value, ports.size,
              errno_text(errno));
  }
}

void CoalescedPorts::drain(const Vcpu& vcpu) {
  if (ring_page_ == 0) return;
  const size_t page_size = host_page_size();
  const auto page = vcpu.shared(ring_page_ * page_size, page_size);
  MutexLock lock(mutex_);
  drain_ring(page, sink_);
}

}  // namespace lintel::kvm
