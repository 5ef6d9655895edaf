// SPDX-License-Identifier: Apache-2.0
// The ACPI tables of the arm64 board, hardware-reduced (ACPI 6.4, 4.1), for firmware that passes
// them on. As for the other board, the description holds every address.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "firmware/acpi/tables.h"
#include "firmware/arm64_parts.h"
#include "vmm/base/types.h"

namespace lintel::acpi {

struct VirtTables {
  // The affinity fields of the vCPUs; a vCPU's place in the list is its ACPI processor UID.
  std::vector<uint64_t> mpidrs;
  arm64::Gic gic;
  arm64::TimerInterrupts timer;
  std::optional<Ppi> pmu;
  PciHost pci;
  std::optional<arm64::MmioDevice> serial;  // PL011
  bool serial_console = false;              // adds an SPCR; needs `serial`
  std::optional<arm64::PowerButton> power_button;
  std::optional<GuestRange> pvpanic;
  std::optional<GuestRange> fw_cfg;
};

// As build_pc_tables.
PlacedTables build_virt_tables(const VirtTables& description, GuestRange area);

}  // namespace lintel::acpi
