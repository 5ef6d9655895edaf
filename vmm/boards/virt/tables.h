// SPDX-License-Identifier: Apache-2.0
// The board's address table, said in the words of the device tree and of ACPI.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "firmware/acpi/virt_tables.h"
#include "firmware/fdt/virt_fdt.h"
#include "vmm/base/types.h"

namespace lintel::virt {

enum class Gic : uint8_t { kV2, kV3 };

// What lies above RAM. Size zero: not there.
struct HighWindows {
  GuestRange redistributors;  // of the CPUs that have none in low memory
  GuestRange ecam;            // 256 buses
  GuestRange pci_memory64;
};

struct HighWindowRequest {
  uint64_t ram_end = 0;
  unsigned address_bits = 40;  // of guest physical addresses, as KVM gives them
  uint32_t cpus = 1;
  uint64_t pci_demand = 0;  // bytes of BARs that the 64-bit window has to hold
  bool peer_to_peer = false;
};

// `usable` is where devices of the host may reach each other's BARs; only CPUs use the rest. If the
// BARs do not fit there they are elsewhere, unless devices are to reach them. Throws Error if the
// redistributors do not fit. The other two are left out where there is no room.
HighWindows high_windows(const HighWindowRequest& request, std::span<const GuestRange> usable);

// The configuration space of that many buses, from bus 0 on: in low memory if they fit there,
// because every guest reaches that. Throws Error if there are more than there is room for.
GuestRange ecam(uint32_t buses, const HighWindows& high);

// RAM of that size, on addresses that devices can use. Throws Error.
std::vector<GuestRange> ram_ranges(uint64_t size, std::span<const GuestRange> usable);

// The affinity fields that KVM gives to its vCPU of that number: 16 CPUs at the lowest level, as
// many as one write of ICC_SGI1R_EL1 reaches (GICv3, IHI 0069, 12.2.20).
constexpr uint64_t mpidr(uint32_t vcpu) {
  return (vcpu & 0xf) | uint64_t{(vcpu >> 4) & 0xff} << 8 | uint64_t{(vcpu >> 12) & 0xff} << 16;
}

struct TableRequest {
  uint32_t cpus = 1;
  std::optional<arm64::CpuTopology> topology;
  Gic gic = Gic::kV3;
  bool its = false;  // with kV3; kV2 has a v2m frame
  std::vector<GuestRange> memory;
  HighWindows high;
  bool pmu = false;
  bool serial = false;
  bool clock = true;
  bool power_button = true;
  bool fw_cfg = true;
  bool pvpanic = true;
  bool flash = false;
  // Buses that have numbers. The tables describe no more: Linux looks at all 32 slots of each bus
  // in the ECAM window, and on a bus that does not exist each look is an exit.
  uint32_t pci_buses = 1;
};

// All but `chosen`, which is the boot's.
fdt::VirtFdt describe_fdt(const TableRequest& request);

// Memory and flash are not in these tables: the firmware that passes them on knows them, and keeps
// the clock for itself.
acpi::VirtTables describe_acpi(const TableRequest& request);

}  // namespace lintel::virt
