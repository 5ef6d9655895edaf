// SPDX-License-Identifier: Apache-2.0
#include "vmm/kvm/vfio_device.h"

#include <linux/kvm.h>

#include "vmm/base/error.h"
#include "vmm/base/ioctl.h"
#include "vmm/base/log.h"
#include "vmm/base/unique_fd.h"

namespace lintel::kvm {
namespace {

UniqueFd create_device(const Vm& vm) {
  kvm_create_device request{};
  request.type = KVM_DEV_TYPE_VFIO;
  checked_ioctl(vm.fd(), KVM_CREATE_DEVICE, "KVM_CREATE_DEVICE(KVM_DEV_TYPE_VFIO)", &request);
  return UniqueFd(static_cast<int>(request.fd));
}

}  // namespace

// Newer headers call these KVM_DEV_VFIO_FILE, KVM_DEV_VFIO_FILE_ADD and _DEL, of the same values.
VfioDevice::Registration::Registration(VfioDevice& device, int fd)
    : device_(device), file_(duplicate_fd(fd)) {
  device_.change(KVM_DEV_VFIO_GROUP_ADD, file_.get(), "KVM_DEV_VFIO_FILE_ADD");
}

VfioDevice::Registration::~Registration() {
  if (!file_) return;  // moved from
  try {
    device_.change(KVM_DEV_VFIO_GROUP_DEL, file_.get(), "KVM_DEV_VFIO_FILE_DEL");
  } catch (const Error& error) {
    log::error("KVM keeps a passed-through device: {}", error.describe());
  }
}

void VfioDevice::change(uint64_t attribute, int fd, const char* name) {
  const MutexLock lock(mutex_);
  if (!device_) device_ = create_device(vm_);
  const int32_t file = fd;
  kvm_device_attr request{};
  request.group = KVM_DEV_VFIO_GROUP;
  request.attr = attribute;
  request.addr = reinterpret_cast<uint64_t>(&file);
  checked_ioctl(device_.get(), KVM_SET_DEVICE_ATTR, name, &request);
}

}  // namespace lintel::kvm
