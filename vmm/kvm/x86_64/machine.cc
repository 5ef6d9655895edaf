// SPDX-License-Identifier: Apache-2.0
#include "vmm/kvm/x86_64/machine.h"

#include <linux/kvm.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/base/ioctl.h"
#include "vmm/base/log.h"
#include "vmm/kvm/counted_table.h"

namespace lintel::kvm {
namespace {

using CpuidTable = CountedTable<kvm_cpuid_entry2>;

kvm_segment segment(const FlatSegment& flat) {
  kvm_segment result{};
  result.limit = flat.limit;
  result.selector = flat.selector;
  result.type = flat.type;
  result.s = flat.code_or_data ? 1 : 0;
  result.present = 1;
  result.l = flat.long_mode ? 1 : 0;
  result.db = flat.big ? 1 : 0;
  result.g = flat.granular ? 1 : 0;
  return result;
}

constexpr uint64_t kCr0ProtectionEnable = 1;
constexpr uint64_t kCr0ExtensionType = 1 << 4;
constexpr uint64_t kCr0NumericError = 1 << 5;
constexpr uint64_t kCr0Paging = 1ull << 31;
constexpr uint64_t kCr4Pae = 1 << 5;
constexpr uint64_t kEferLongModeEnable = 1 << 8;
constexpr uint64_t kEferLongModeActive = 1 << 10;

constexpr uint32_t kMsrMiscEnable = 0x1a0;
constexpr uint32_t kMsrMtrrDefaultType = 0x2ff;

struct MsrValue {
  uint32_t index;
  uint64_t value;
};

constexpr std::array kBootMsrs = {
    MsrValue{kMsrMiscEnable, 1},           // fast strings
    MsrValue{kMsrMtrrDefaultType, 0xc06},  // MTRRs on, write-back by default
};

bool set_msr(int fd, const MsrValue& msr) {
  using MsrTable = CountedTable<kvm_msr_entry>;
  MsrTable table(1);
  table.entries()[0].index = msr.index;
  table.entries()[0].data = msr.value;
  return ::ioctl(fd, MsrTable::request(KVM_SET_MSRS), table.argument()) == 1;
}

// XCR0 starts with all that the guest may enable. KVM computes the size in CPUID leaf 0xD from the
// XCR0 that it knows, and where it does not see the guest's own write (nested under an emulator
// that does not intercept XSETBV) the size, and the XCR0 that it loads at each entry, would stay
// those of a reset CPU.
void set_xcr0(const Vcpu& vcpu, std::span<const CpuidEntry> cpuid) {
  for (const CpuidEntry& entry : cpuid) {
    if (entry.leaf != 0xd || entry.subleaf != 0) continue;
    kvm_xcrs xcrs{};
    xcrs.nr_xcrs = 1;
    xcrs.xcrs[0].value = entry.eax | uint64_t{entry.edx} << 32;
    if (::ioctl(vcpu.fd(), KVM_SET_XCRS, &xcrs) != 0) {
      log::info("This host does not let XCR0 be {:#x} on vCPU {}: {}", uint64_t{xcrs.xcrs[0].value},
                vcpu.id(), errno_text(errno));
    }
  }
}

// LVT LINT0 and LINT1 (Intel SDM 3A, 10.5.1): the PIC's output and NMI, as the MADT says.
void set_local_interrupts(int fd) {
  constexpr size_t kLvtLint0 = 0x350;
  constexpr size_t kLvtLint1 = 0x360;
  constexpr uint32_t kDeliverExtInt = 7 << 8;
  constexpr uint32_t kDeliverNmi = 4 << 8;
  kvm_lapic_state lapic{};
  checked_ioctl(fd, KVM_GET_LAPIC, "KVM_GET_LAPIC", &lapic);
  store_le<uint32_t>(lapic.regs + kLvtLint0, kDeliverExtInt);
  store_le<uint32_t>(lapic.regs + kLvtLint1, kDeliverNmi);
  checked_ioctl(fd, KVM_SET_LAPIC, "KVM_SET_LAPIC", &lapic);
}

}  // namespace

void create_irqchip(Vm& vm, const IrqchipPlacement& placement) {
  uint64_t identity = placement.identity_map.value;
  checked_ioctl(vm.fd(), KVM_SET_IDENTITY_MAP_ADDR, "KVM_SET_IDENTITY_MAP_ADDR", &identity);
  checked_ioctl(vm.fd(), KVM_SET_TSS_ADDR, "KVM_SET_TSS_ADDR", placement.tss.value);
  checked_ioctl(vm.fd(), KVM_CREATE_IRQCHIP, "KVM_CREATE_IRQCHIP", 0);
  kvm_pit_config pit{};
  // Port 0x61 too: kernels read the PIT's channel 2 through it when they calibrate.
  pit.flags = KVM_PIT_SPEAKER_DUMMY;
  checked_ioctl(vm.fd(), KVM_CREATE_PIT2, "KVM_CREATE_PIT2", &pit);
  if (vm.capability(KVM_CAP_X2APIC_API) > 0) {
    // 32-bit APIC ids in MSI addresses, and no broadcast quirk, for more than 254 CPUs.
    kvm_enable_cap cap{};
    cap.cap = KVM_CAP_X2APIC_API;
    cap.args[0] = KVM_X2APIC_API_USE_32BIT_IDS | KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK;
    checked_ioctl(vm.fd(), KVM_ENABLE_CAP, "KVM_ENABLE_CAP(KVM_CAP_X2APIC_API)", &cap);
  }
}

std::vector<IrqRouting::Fixed> irqchip_routing() {
  std::vector<IrqRouting::Fixed> routing;
  for (uint32_t gsi = 0; gsi < kFirstMsiGsi; ++gsi) {
    if (gsi < 16) {
      routing.push_back(
          {gsi, gsi < 8 ? uint32_t{KVM_IRQCHIP_PIC_MASTER} : uint32_t{KVM_IRQCHIP_PIC_SLAVE},
           gsi % 8});
    }
    // The MADT's interrupt source override: the PIT is on the IOAPIC's input 2.
    if (gsi == 2) continue;
    routing.push_back({gsi, KVM_IRQCHIP_IOAPIC, gsi == 0 ? 2 : gsi});
  }
  return routing;
}

std::vector<CpuidEntry> supported_cpuid(const System& system) {
  // KVM says E2BIG until the table is large enough.
  for (size_t count = 64;; count *= 2) {
    CpuidTable table(count);
    if (::ioctl(system.fd(), CpuidTable::request(KVM_GET_SUPPORTED_CPUID), table.argument()) != 0) {
      if (errno == E2BIG && count < 4096) continue;
      throw_errno(errno, "KVM_GET_SUPPORTED_CPUID failed");
    }
    std::vector<CpuidEntry> result;
    for (const kvm_cpuid_entry2& entry : table.entries()) {
      result.push_back({entry.function, entry.index,
                        (entry.flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX) != 0, entry.eax, entry.ebx,
                        entry.ecx, entry.edx});
    }
    return result;
  }
}

bool has_tsc_deadline_timer(const System& system) {
  return system.capability(KVM_CAP_TSC_DEADLINE_TIMER) > 0;
}

uint32_t tsc_khz(const Vcpu& vcpu) {
  const int khz = ::ioctl(vcpu.fd(), KVM_GET_TSC_KHZ, 0);
  return khz > 0 ? static_cast<uint32_t>(khz) : 0;
}

void set_cpuid(const Vcpu& vcpu, const std::vector<CpuidEntry>& entries) {
  CpuidTable table(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    kvm_cpuid_entry2& entry = table.entries()[i];
    entry.function = entries[i].leaf;
    entry.index = entries[i].subleaf;
    entry.flags = entries[i].subleaf_matters ? KVM_CPUID_FLAG_SIGNIFCANT_INDEX : 0;
    entry.eax = entries[i].eax;
    entry.ebx = entries[i].ebx;
    entry.ecx = entries[i].ecx;
    entry.edx = entries[i].edx;
  }
  checked_ioctl(vcpu.fd(), CpuidTable::request(KVM_SET_CPUID2), "KVM_SET_CPUID2", table.argument());
}

void set_boot_state(const Vcpu& vcpu, std::span<const CpuidEntry> cpuid) {
  set_xcr0(vcpu, cpuid);
  for (const MsrValue& msr : kBootMsrs) {
    if (!set_msr(vcpu.fd(), msr)) {
      log::info("This host does not let MSR {:#x} be {:#x} on vCPU {}", msr.index, msr.value,
                vcpu.id());
    }
  }
  set_local_interrupts(vcpu.fd());
}

void set_entry(const Vcpu& vcpu, const EntryRegisters& entry) {
  kvm_sregs special{};
  checked_ioctl(vcpu.fd(), KVM_GET_SREGS, "KVM_GET_SREGS", &special);
  special.cs = segment(entry.code);
  special.ds = special.es = special.fs = special.gs = special.ss = segment(entry.data);
  special.tr = segment(entry.task);
  special.gdt.base = entry.gdt_base;
  special.gdt.limit = entry.gdt_limit;
  special.cr0 = kCr0ProtectionEnable | kCr0ExtensionType | kCr0NumericError;
  if (entry.long_mode) {
    special.cr0 |= kCr0Paging;
    special.cr3 = entry.cr3;
    special.cr4 = kCr4Pae;
    special.efer = kEferLongModeEnable | kEferLongModeActive;
  }
  checked_ioctl(vcpu.fd(), KVM_SET_SREGS, "KVM_SET_SREGS", &special);

  kvm_regs general{};
  general.rip = entry.rip;
  general.rsp = entry.rsp;
  general.rsi = entry.rsi;
  general.rbx = entry.rbx;
  general.rflags = 2;
  checked_ioctl(vcpu.fd(), KVM_SET_REGS, "KVM_SET_REGS", &general);
}

std::string describe_registers(const Vcpu& vcpu) {
  kvm_regs general{};
  kvm_sregs special{};
  if (::ioctl(vcpu.fd(), KVM_GET_REGS, &general) != 0 ||
      ::ioctl(vcpu.fd(), KVM_GET_SREGS, &special) != 0) {
    return fmt::format("registers unreadable: {}", errno_text(errno));
  }
  const auto value = [](auto number) { return static_cast<uint64_t>(number); };
  return fmt::format(
      "rip {:#x} rsp {:#x} rflags {:#x} rax {:#x} rbx {:#x} rcx {:#x} rdx {:#x} rsi {:#x} "
      "rdi {:#x} cs {:#x}/{:#x} cr0 {:#x} cr2 {:#x} cr3 {:#x} cr4 {:#x} efer {:#x}",
      value(general.rip), value(general.rsp), value(general.rflags), value(general.rax),
      value(general.rbx), value(general.rcx), value(general.rdx), value(general.rsi),
      value(general.rdi), value(special.cs.selector), value(special.cs.base), value(special.cr0),
      value(special.cr2), value(special.cr3), value(special.cr4), value(special.efer));
}

}  // namespace lintel::kvm
