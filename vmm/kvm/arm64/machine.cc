// SPDX-License-Identifier: Apache-2.0
#include "vmm/kvm/arm64/machine.h"

#include <linux/kvm.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <optional>

#include "vmm/base/error.h"
#include "vmm/base/ioctl.h"
#include "vmm/kvm/arm64/device.h"

namespace lintel::kvm {
namespace {

constexpr unsigned kDefaultAddressBits = 40;
constexpr unsigned kMaxAddressBits = 48;

constexpr uint64_t kRegister64 = KVM_REG_ARM64 | KVM_REG_SIZE_U64;

// api.rst, 4.68: a core register is named by its place in kvm_regs, in words.
constexpr uint64_t core(size_t offset) {
  return kRegister64 | KVM_REG_ARM_CORE | offset / sizeof(uint32_t);
}
constexpr uint64_t general(unsigned number) {
  return core(offsetof(kvm_regs, regs) + number * sizeof(uint64_t));
}
constexpr uint64_t kStackPointer = core(offsetof(kvm_regs, sp_el1));
constexpr uint64_t kProgramCounter = core(offsetof(kvm_regs, regs) + offsetof(user_pt_regs, pc));
constexpr uint64_t kProcessorState =
    core(offsetof(kvm_regs, regs) + offsetof(user_pt_regs, pstate));

// A system register by its encoding in MRS (Arm ARM, C5.1.3).
constexpr uint64_t system_register(unsigned op0, unsigned op1, unsigned crn, unsigned crm,
                                   unsigned op2) {
  return kRegister64 | KVM_REG_ARM64_SYSREG | uint64_t{op0} << KVM_REG_ARM64_SYSREG_OP0_SHIFT |
         uint64_t{op1} << KVM_REG_ARM64_SYSREG_OP1_SHIFT |
         uint64_t{crn} << KVM_REG_ARM64_SYSREG_CRN_SHIFT |
         uint64_t{crm} << KVM_REG_ARM64_SYSREG_CRM_SHIFT |
         uint64_t{op2} << KVM_REG_ARM64_SYSREG_OP2_SHIFT;
}
constexpr uint64_t kMpidr = system_register(3, 0, 0, 0, 5);
constexpr uint64_t kMpidrAffinity = 0xff00ffffff;
constexpr uint64_t kEsr = system_register(3, 0, 5, 2, 0);
constexpr uint64_t kFar = system_register(3, 0, 6, 0, 0);

// D, A, I and F masked, EL1 with its own stack pointer (Arm ARM, C5.2.19).
constexpr uint64_t kEntryState = 0x3c5;

std::optional<uint64_t> read_register(const Vcpu& vcpu, uint64_t id) {
  uint64_t value = 0;
  kvm_one_reg request{};
  request.id = id;
  request.addr = reinterpret_cast<uintptr_t>(&value);
  if (::ioctl(vcpu.fd(), KVM_GET_ONE_REG, &request) != 0) return std::nullopt;
  return value;
}

void write_register(const Vcpu& vcpu, uint64_t id, uint64_t value) {
  kvm_one_reg request{};
  request.id = id;
  request.addr = reinterpret_cast<uintptr_t>(&value);
  with_context(
      [&] {
        return fmt::format("Cannot set register {:#x} of vCPU {} to {:#x}", id, vcpu.id(), value);
      },
      [&] { checked_ioctl(vcpu.fd(), KVM_SET_ONE_REG, "KVM_SET_ONE_REG", &request); });
}

constexpr uint32_t feature(unsigned number) {
  return uint32_t{1} << number;
}

uint32_t available_features(const Vm& vm) {
  uint32_t features = feature(KVM_ARM_VCPU_PSCI_0_2);
  if (has_pmu(vm)) features |= feature(KVM_ARM_VCPU_PMU_V3);
  if (vm.capability(KVM_CAP_ARM_SVE) > 0) features |= feature(KVM_ARM_VCPU_SVE);
  // KVM takes only both kinds of pointer authentication together.
  if (vm.capability(KVM_CAP_ARM_PTRAUTH_ADDRESS) > 0 &&
      vm.capability(KVM_CAP_ARM_PTRAUTH_GENERIC) > 0) {
    features |= feature(KVM_ARM_VCPU_PTRAUTH_ADDRESS) | feature(KVM_ARM_VCPU_PTRAUTH_GENERIC);
  }
  return features;
}

void initialise_with(const Vm& vm, const Vcpu& vcpu, uint32_t features) {
  kvm_vcpu_init request{};
  checked_ioctl(vm.fd(), KVM_ARM_PREFERRED_TARGET, "KVM_ARM_PREFERRED_TARGET", &request);
  request.features[0] |= features;
  checked_ioctl(vcpu.fd(), KVM_ARM_VCPU_INIT, "KVM_ARM_VCPU_INIT", &request);
  if ((request.features[0] & feature(KVM_ARM_VCPU_SVE)) != 0) {
    int sve = KVM_ARM_VCPU_SVE;
    checked_ioctl(vcpu.fd(), KVM_ARM_VCPU_FINALIZE, "KVM_ARM_VCPU_FINALIZE", &sve);
  }
}

}  // namespace

unsigned guest_address_bits(const System& system) {
  const int limit = system.capability(KVM_CAP_ARM_VM_IPA_SIZE);
  if (limit <= 0) return kDefaultAddressBits;
  return std::min(static_cast<unsigned>(limit), kMaxAddressBits);
}

bool has_pmu(const Vm& vm) {
  return vm.capability(KVM_CAP_ARM_PMU_V3) > 0;
}

void initialise(const Vm& vm, const Vcpu& vcpu, bool powered_off) {
  uint32_t features = available_features(vm);
  if (powered_off) features |= feature(KVM_ARM_VCPU_POWER_OFF);
  initialise_with(vm, vcpu, features);
}

void initialise_bare(const Vm& vm, const Vcpu& vcpu) {
  initialise_with(vm, vcpu, feature(KVM_ARM_VCPU_PSCI_0_2));
}

void start_pmu(const Vcpu& vcpu, Ppi interrupt) {
  const int intid = static_cast<int>(interrupt.intid());
  set_attribute(vcpu.fd(),
                {KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_IRQ, "the PMU's interrupt"}, &intid);
  set_attribute(vcpu.fd(), {KVM_ARM_VCPU_PMU_V3_CTRL, KVM_ARM_VCPU_PMU_V3_INIT, "the PMU going"},
                nullptr);
}

uint64_t affinity(const Vcpu& vcpu) {
  const auto value = read_register(vcpu, kMpidr);
  if (!value) throw_errno(errno, "Cannot read MPIDR_EL1 of vCPU {}", vcpu.id());
  return *value & kMpidrAffinity;
}

void set_entry(const Vcpu& vcpu, uint64_t pc, uint64_t x0) {
  write_register(vcpu, kProcessorState, kEntryState);
  write_register(vcpu, kProgramCounter, pc);
  write_register(vcpu, general(0), x0);
  for (const unsigned unused : {1, 2, 3}) write_register(vcpu, general(unused), 0);
}

std::string describe_registers(const Vcpu& vcpu) {
  struct Named {
    const char* name;
    uint64_t id;
  };
  constexpr Named kShown[] = {
      {"pc", kProgramCounter}, {"sp", kStackPointer}, {"pstate", kProcessorState},
      {"esr", kEsr},           {"far", kFar},         {"x0", general(0)},
      {"x1", general(1)},      {"x2", general(2)},    {"x3", general(3)},
      {"x29", general(29)},    {"x30", general(30)},
  };
  std::string text;
  for (const Named& shown : kShown) {
    const auto value = read_register(vcpu, shown.id);
    if (!value) return fmt::format("registers unreadable: {}", errno_text(errno));
    text += fmt::format("{}{} {:#x}", text.empty() ? "" : " ", shown.name, *value);
  }
  return text;
}

}  // namespace lintel::kvm
