// SPDX-License-Identifier: Apache-2.0
// A device that KVM emulates (Linux Documentation/virt/kvm/devices), and attributes.
#pragma once

#include <cstdint>

#include "vmm/base/unique_fd.h"
#include "vmm/kvm/vm.h"

namespace lintel::kvm {

// True if this host's KVM has the type (KVM_DEV_TYPE_...).
bool has_device(const Vm& vm, uint32_t type);
// Throws Error.
UniqueFd create_device(const Vm& vm, uint32_t type, const char* name);

// `fd` is a device's or a vCPU's; `value` is what the attribute points to, null for none. `name` is
// for the error. Throws Error.
struct Attribute {
  uint32_t group = 0;
  uint64_t number = 0;
  const char* name = "";
};
void set_attribute(int fd, const Attribute& attribute, const void* value);

}  // namespace lintel::kvm
