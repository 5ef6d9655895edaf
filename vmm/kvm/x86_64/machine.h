// SPDX-License-Identifier: Apache-2.0
// What is x86 about a virtual machine and its CPUs: interrupt controllers, boot registers, MSRs,
// CPUID (Linux Documentation/virt/kvm/api.rst; Intel SDM, volume 3A).
#pragma once

#include <cstdint>
#include <vector>

#include "vmm/kvm/vcpu.h"
#include "vmm/kvm/vm.h"
#include "vmm/kvm/x86_64/cpuid.h"

namespace lintel::kvm {

struct IrqchipPlacement {
  GuestAddress identity_map;  // a page
  GuestAddress tss;           // three pages
};

// In-kernel PIC, IOAPIC, local APICs and PIT. Before the first vCPU.
void create_irqchip(Vm& vm, const IrqchipPlacement& placement);

// The fixed GSI table for that chip: 0-15 to the PIC and the IOAPIC, 16-23 to the IOAPIC.
std::vector<IrqRouting::Fixed> irqchip_routing();
inline constexpr uint32_t kFirstMsiGsi = 24;

std::vector<CpuidEntry> supported_cpuid(const System& system);
bool has_tsc_deadline_timer(const System& system);
uint32_t tsc_khz(const Vcpu& vcpu);

void set_cpuid(const Vcpu& vcpu, const std::vector<CpuidEntry>& entries);

// The state in which firmware would leave a CPU, as far as an operating system looks: local
// interrupt pins, memory types, fast strings. MSRs are set one by one, and one that this host
// lacks (hosts that are guests themselves often do) is logged and passed over. `cpuid` is what the
// vCPU was given.
void set_boot_state(const Vcpu& vcpu, std::span<const CpuidEntry> cpuid);

// A segment register's hidden part (Intel SDM 3A, 3.4.5); flat, so its base is zero.
struct FlatSegment {
  uint16_t selector = 0;
  uint32_t limit = 0;  // in bytes
  uint8_t type = 0;
  bool code_or_data = false;
  bool long_mode = false;
  bool big = false;
  bool granular = false;
};

// Where the first CPU starts. The others wait for their startup IPI.
struct EntryRegisters {
  bool long_mode = true;  // with paging by `cr3`; else protected mode without paging
  uint64_t rip = 0;
  uint64_t rsp = 0;
  uint64_t rsi = 0;
  uint64_t rbx = 0;
  uint64_t cr3 = 0;
  uint64_t gdt_base = 0;
  uint16_t gdt_limit = 0;
  FlatSegment code;
  FlatSegment data;
  FlatSegment task;
};
void set_entry(const Vcpu& vcpu, const EntryRegisters& entry);

// For reports: "rip 0x... cr0 0x... ..." or why it cannot be read.
std::string describe_registers(const Vcpu& vcpu);

}  // namespace lintel::kvm
