// SPDX-License-Identifier: Apache-2.0
// A vCPU's file descriptor and its shared kvm_run page.
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <span>

#include "vmm/base/mmap_region.h"
#include "vmm/base/unique_fd.h"
#include "vmm/kvm/exit.h"
#include "vmm/kvm/vm.h"

struct kvm_run;

namespace lintel::kvm {

// Threads: `run` and everything architectural on the one thread that owns the vCPU;
// `request_exit` on any.
class Vcpu {
 public:
  Vcpu(const Vm& vm, uint32_t id);

  uint32_t id() const { return id_; }
  int fd() const { return fd_.get(); }

  // Enters the guest until it needs something. Never throws.
  Exit run();

  // Part of the memory that KVM shares with us, beyond the kvm_run page.
  std::span<std::byte> shared(size_t offset, size_t size) const {
    return mapping_.bytes().subspan(offset, size);
  }

  // Makes the current or the next `run` return Interrupted once the thread also gets a signal (see
  // kVcpuSignal): the flag covers the moment before the ioctl, the signal the time inside.
  void request_exit();
  void clear_exit_request();

  // Tells the guest's clock that it was stopped by us, so that its watchdogs stay quiet
  // (KVM_KVMCLOCK_CTRL). Harmless where the guest has no such clock.
  void note_paused();

 private:
  Exit decode_failure() const;

  const uint32_t id_;
  UniqueFd fd_;
  MmapRegion mapping_;
  kvm_run* run_;
};

// The signal that interrupts KVM_RUN. `install_vcpu_signal` gives it a handler that does nothing;
// call it once before vCPU threads start.
int vcpu_signal();
void install_vcpu_signal();

}  // namespace lintel::kvm
