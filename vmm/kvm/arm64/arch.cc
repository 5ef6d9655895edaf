// SPDX-License-Identifier: Apache-2.0
#include "vmm/kvm/arch.h"

#include <linux/kvm.h>

#include <cerrno>

#include "vmm/base/error.h"
#include "vmm/base/ioctl.h"
#include "vmm/kvm/arm64/machine.h"

namespace lintel::kvm {
namespace {

// The guest touched a device by an instruction that the CPU does not describe (of a pair of
// registers, with write-back, atomic). The access is answered as a bus would that cannot carry it.
Exit abort_access(const Vcpu& vcpu) {
  // api.rst, 4.31: what is pending already stays so.
  kvm_vcpu_events events{};
  if (::ioctl(vcpu.fd(), KVM_GET_VCPU_EVENTS, &events) == 0) {
    events.exception.ext_dabt_pending = 1;
    if (::ioctl(vcpu.fd(), KVM_SET_VCPU_EVENTS, &events) == 0) return Interrupted{};
  }
  return Failure{
      fmt::format("vCPU {} used an instruction on a device that KVM does not decode, and "
                  "cannot be told so: {}",
                  vcpu.id(), errno_text(errno))};
}

}  // namespace

unsigned long machine_type(const System& system) {
  return KVM_VM_TYPE_ARM_IPA_SIZE(guest_address_bits(system));
}

void set_up(const Vm& vm) {
  // Since Linux 5.5. Without it such an access ends KVM_RUN with an error.
  if (vm.capability(KVM_CAP_ARM_NISV_TO_USER) == 0 ||
      vm.capability(KVM_CAP_ARM_INJECT_EXT_DABT) == 0) {
    return;
  }
  kvm_enable_cap request{};
  request.cap = KVM_CAP_ARM_NISV_TO_USER;
  checked_ioctl(vm.fd(), KVM_ENABLE_CAP, "KVM_ENABLE_CAP (KVM_CAP_ARM_NISV_TO_USER)", &request);
}

std::optional<Exit> handle_exit(const Vcpu& vcpu, const kvm_run& run) {
  if (run.exit_reason == KVM_EXIT_ARM_NISV) return abort_access(vcpu);
  return std::nullopt;
}

uint32_t irq_line_number(Gsi gsi) {
  return uint32_t{KVM_ARM_IRQ_TYPE_SPI} << KVM_ARM_IRQ_TYPE_SHIFT | Spi(gsi.value).intid();
}

}  // namespace lintel::kvm
