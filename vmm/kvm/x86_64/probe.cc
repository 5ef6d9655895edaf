// SPDX-License-Identifier: Apache-2.0
#include <linux/kvm.h>
#include <sys/mman.h>

#include <array>
#include <cstring>

#include "vmm/base/error.h"
#include "vmm/base/ioctl.h"
#include "vmm/base/mmap_region.h"
#include "vmm/kvm/vcpu.h"
#include "vmm/kvm/vm.h"

namespace lintel::kvm {
namespace {

constexpr uint16_t kProbePort = 0x80;
constexpr uint8_t kProbeValue = 0x5a;
constexpr uint64_t kProbeAddress = 0x1000;

// Real mode, as every CPU starts: mov $0x5a, %al; out %al, $0x80; hlt.
constexpr std::array<uint8_t, 5> kProbeCode = {0xb0, kProbeValue, 0xe6, kProbePort, 0xf4};

std::string describe(const Exit& exit) {
  if (const auto* failure = std::get_if<Failure>(&exit)) return failure->what;
  if (std::holds_alternative<CpuShutdown>(exit)) return "the vCPU shut down";
  return "the guest did not do what it was told";
}

}  // namespace

bool runs_a_guest(std::string* why) {
  try {
    const System system;
    Vm vm(system);
    const MmapRegion page =
        MmapRegion::map(4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    std::memcpy(page.data(), kProbeCode.data(), kProbeCode.size());
    vm.set_slot({0, {GuestAddress(kProbeAddress), page.size()}, page.data(), false});
    Vcpu vcpu(vm, 0);
    kvm_sregs special{};
    checked_ioctl(vcpu.fd(), KVM_GET_SREGS, "KVM_GET_SREGS", &special);
    special.cs.base = 0;
    special.cs.selector = 0;
    checked_ioctl(vcpu.fd(), KVM_SET_SREGS, "KVM_SET_SREGS", &special);
    kvm_regs general{};
    general.rip = kProbeAddress;
    general.rflags = 2;
    checked_ioctl(vcpu.fd(), KVM_SET_REGS, "KVM_SET_REGS", &general);
    const Exit exit = vcpu.run();
    const auto* port = std::get_if<PortExit>(&exit);
    if (port != nullptr && port->port == kProbePort && port->write &&
        port->data.front() == std::byte{kProbeValue}) {
      return true;
    }
    *why = "KVM is there, but cannot run an ordinary guest: " + describe(exit);
  } catch (const Error& error) {
    *why = error.describe();
  }
  return false;
}

}  // namespace lintel::kvm
