// SPDX-License-Identifier: Apache-2.0
// /dev/kvm: what this host's KVM is and can do. KVM's ioctls are all in this folder, and nothing
// outside it includes <linux/kvm.h>.
#pragma once

#include <string>

#include "vmm/base/unique_fd.h"

namespace lintel::kvm {

class System {
 public:
  // Throws Error that tells the user what to do: no node, no permission, wrong version, a
  // capability that we cannot do without.
  System();

  int fd() const { return fd_.get(); }
  // 0 if absent, else a positive value whose meaning the capability defines.
  int capability(int number) const;
  // As many as a guest can have.
  unsigned max_vcpus() const;
  // Bytes of a vCPU's shared kvm_run mapping.
  size_t run_size() const { return run_size_; }
  UniqueFd create_vm() const;

 private:
  UniqueFd fd_;
  size_t run_size_ = 0;
};

// Runs a guest of a few instructions. False with the reason where KVM exists but cannot run an
// ordinary guest, as with paravirtual back ends that need a modified kernel.
bool runs_a_guest(std::string* why);

}  // namespace lintel::kvm
