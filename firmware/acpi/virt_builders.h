// SPDX-License-Identifier: Apache-2.0
// One function for each table that only the arm64 board has.
#pragma once

#include <cstdint>

#include "firmware/acpi/table.h"
#include "firmware/acpi/virt_tables.h"

namespace lintel::acpi {

inline constexpr uint32_t kItsId = 0;  // by which the IORT names the MADT's ITS

Table build_virt_dsdt(const VirtTables& description);
Table build_virt_fadt();
Table build_virt_madt(const VirtTables& description);  // ACPI 6.4, 5.2.12
Table build_gtdt(const arm64::TimerInterrupts& timer);
Table build_iort();

}  // namespace lintel::acpi
