// SPDX-License-Identifier: Apache-2.0
// KVM's arguments of the form "count, something, entries[]" (kvm_cpuid2, kvm_msrs,
// kvm_irq_routing). Kernel headers declare the entries by a macro that in C++ makes some versions'
// structures larger than the kernel's, and with them the request numbers; so the shape is spelled
// out here, and the request carries the kernel's size of the header.
#pragma once

#include <linux/ioctl.h>

#include <cstdint>
#include <span>
#include <vector>

namespace lintel::kvm {

template <typename Entry>
class CountedTable {
 public:
  explicit CountedTable(size_t count) : storage_((kHeader + count * sizeof(Entry) + 7) / 8) {
    storage_[0] = count;
  }

  void* argument() { return storage_.data(); }
  // The count may have been changed by the kernel.
  std::span<Entry> entries() {
    return {reinterpret_cast<Entry*>(reinterpret_cast<std::byte*>(storage_.data()) + kHeader),
            static_cast<uint32_t>(storage_[0])};
  }

  static constexpr unsigned long request(unsigned long declared) {
    return (declared & ~(static_cast<unsigned long>(_IOC_SIZEMASK) << _IOC_SIZESHIFT)) |
           (kHeader << _IOC_SIZESHIFT);
  }

 private:
  static constexpr unsigned long kHeader = 8;
  std::vector<uint64_t> storage_;
};

}  // namespace lintel::kvm
