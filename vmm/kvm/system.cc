// SPDX-License-Identifier: Apache-2.0
#include "vmm/kvm/system.h"

#include <fcntl.h>
#include <linux/kvm.h>

#include <array>
#include <cerrno>

#include "vmm/base/error.h"
#include "vmm/base/ioctl.h"
#include "vmm/kvm/arch.h"

namespace lintel::kvm {
namespace {

constexpr char kDevice[] = "/dev/kvm";

struct Capability {
  int number;
  const char* name;
};

// Everything here is in Linux 5.4 and later on both architectures.
constexpr std::array kRequired = {
    Capability{KVM_CAP_USER_MEMORY, "KVM_CAP_USER_MEMORY"},
    Capability{KVM_CAP_IRQCHIP, "KVM_CAP_IRQCHIP"},
    Capability{KVM_CAP_IRQ_ROUTING, "KVM_CAP_IRQ_ROUTING"},
    Capability{KVM_CAP_IRQFD, "KVM_CAP_IRQFD"},
    Capability{KVM_CAP_IOEVENTFD, "KVM_CAP_IOEVENTFD"},
    Capability{KVM_CAP_SIGNAL_MSI, "KVM_CAP_SIGNAL_MSI"},
    Capability{KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT"},
    Capability{KVM_CAP_READONLY_MEM, "KVM_CAP_READONLY_MEM"},
};

UniqueFd open_device() {
  try {
    return open_file(kDevice, O_RDWR);
  } catch (Error& error) {
    const int code = error.errno_value();
    if (code == ENOENT) {
      throw std::move(error).with_help(
          "load kvm_intel or kvm_amd, turn virtualization on in the firmware, or in a virtual "
          "machine or container ask for nested virtualization and the device node");
    }
    if (code == EACCES || code == EPERM) {
      throw std::move(error).with_help(
          "add yourself to the group that owns /dev/kvm (often `sudo usermod -aG kvm $USER`, then "
          "log in again)");
    }
    throw std::move(error).with_help("`lintel doctor` tells what this host lacks");
  }
}

}  // namespace

System::System() : fd_(open_device()) {
  const int version = checked_ioctl(fd_.get(), KVM_GET_API_VERSION, "KVM_GET_API_VERSION", 0);
  if (version != KVM_API_VERSION) {
    throw_error("{} has API version {}, not {}", kDevice, version, KVM_API_VERSION);
  }
  std::string missing;
  for (const Capability& required : kRequired) {
    if (capability(required.number) > 0) continue;
    if (!missing.empty()) missing += ", ";
    missing += required.name;
  }
  if (!missing.empty()) {
    throw Error(fmt::format("This host's KVM lacks {}", missing))
        .with_help("Lintel needs Linux 5.4 or later on the host");
  }
  run_size_ = static_cast<size_t>(
      checked_ioctl(fd_.get(), KVM_GET_VCPU_MMAP_SIZE, "KVM_GET_VCPU_MMAP_SIZE", 0));
}

int System::capability(int number) const {
  const int value = ::ioctl(fd_.get(), KVM_CHECK_EXTENSION, number);
  return value < 0 ? 0 : value;
}

// Linux, Documentation/virt/kvm/api.rst, KVM_CREATE_VCPU: what to take where a capability is
// absent.
unsigned System::max_vcpus() const {
  if (const int most = capability(KVM_CAP_MAX_VCPUS); most > 0) return static_cast<unsigned>(most);
  const int advised = capability(KVM_CAP_NR_VCPUS);
  return advised > 0 ? static_cast<unsigned>(advised) : 4;
}

UniqueFd System::create_vm() const {
  return UniqueFd(checked_ioctl(fd_.get(), KVM_CREATE_VM, "KVM_CREATE_VM", machine_type(*this)));
}

}  // namespace lintel::kvm
