// SPDX-License-Identifier: Apache-2.0
// The ACPI tables of the arm64 board, hardware-reduced (ACPI 6.4, 4.1), for firmware that passes
// them on. As for the other board, the description holds every address.
#pragma once

#include "firmware/acpi/tables.h"
#include "firmware/arm64_parts.h"
#include "vmm/base/types.h"

namespace lintel::acpi {

// A vCPU's place in `mpidrs` is its ACPI processor UID.
struct VirtTables : arm64::Parts {
  PciHost pci;
  bool serial_console = false;  // adds an SPCR; needs `serial`
};

// As build_pc_tables.
PlacedTables build_virt_tables(const VirtTables& description, GuestRange area);

}  // namespace lintel::acpi
