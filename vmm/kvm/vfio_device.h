// SPDX-License-Identifier: Apache-2.0
// What KVM must know of passed-through devices (Documentation/virt/kvm/devices/vfio.rst): whether
// their DMA is coherent with the caches, and whose interrupts it may deliver by itself.
#pragma once

#include "vmm/base/sync.h"
#include "vmm/base/unique_fd.h"
#include "vmm/kvm/vm.h"

namespace lintel::kvm {

// Threads: any. Outlives its registrations.
class VfioDevice {
 public:
  explicit VfioDevice(const Vm& vm) : vm_(vm) {}

  // While it lives, KVM knows of the file, and keeps it open.
  class Registration {
   public:
    Registration(VfioDevice& device, int fd);
    Registration(Registration&&) noexcept = default;
    Registration& operator=(Registration&&) = delete;
    ~Registration();

   private:
    VfioDevice& device_;
    UniqueFd file_;  // another descriptor: the caller may close its own first
  };

  // The file of a group, which is to be added once, or (Linux 6.6) of a device that was opened
  // without its group. Throws Error.
  [[nodiscard]] Registration add(int fd) { return Registration(*this, fd); }

 private:
  void change(uint64_t attribute, int fd, const char* name);

  const Vm& vm_;
  Mutex mutex_;
  UniqueFd device_ GUARDED_BY(mutex_);  // made at first use: most machines have no such device
};

}  // namespace lintel::kvm
