// SPDX-License-Identifier: Apache-2.0
#include "vmm/kvm/arm64/device.h"

#include <linux/kvm.h>

#include "vmm/base/error.h"
#include "vmm/base/ioctl.h"

namespace lintel::kvm {

bool has_device(const Vm& vm, uint32_t type) {
  kvm_create_device request{};
  request.type = type;
  request.flags = KVM_CREATE_DEVICE_TEST;
  return ::ioctl(vm.fd(), KVM_CREATE_DEVICE, &request) == 0;
}

UniqueFd create_device(const Vm& vm, uint32_t type, const char* name) {
  kvm_create_device request{};
  request.type = type;
  with_context([&] { return fmt::format("Cannot create {}", name); },
               [&] { checked_ioctl(vm.fd(), KVM_CREATE_DEVICE, "KVM_CREATE_DEVICE", &request); });
  return UniqueFd(static_cast<int>(request.fd));
}

void set_attribute(int fd, const Attribute& attribute, const void* value) {
  kvm_device_attr request{};
  request.group = attribute.group;
  request.attr = attribute.number;
  request.addr = reinterpret_cast<uintptr_t>(value);
  with_context([&] { return fmt::format("Cannot set {}", attribute.name); },
               [&] { checked_ioctl(fd, KVM_SET_DEVICE_ATTR, "KVM_SET_DEVICE_ATTR", &request); });
}

}  // namespace lintel::kvm
