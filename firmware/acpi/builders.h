// SPDX-License-Identifier: Apache-2.0
// One function for each table. Pointers to other tables are left zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "firmware/acpi/table.h"
#include "firmware/acpi/tables.h"

namespace lintel::acpi {

// Root pointer, revision 2 (ACPI 6.4, 5.2.5.3). It has no common header, and two checksums.
namespace rsdp {
inline constexpr uint64_t kAlignment = 16;
inline constexpr size_t kChecksum = 8;
inline constexpr size_t kFirstPartSize = 20;
inline constexpr size_t kXsdt = 24;
inline constexpr size_t kExtendedChecksum = 32;
inline constexpr size_t kSize = 36;
}  // namespace rsdp
Bytes build_rsdp();

// Firmware control structure (5.2.10): no common header, no checksum.
inline constexpr uint64_t kFacsAlignment = 64;
Bytes build_facs();

// Where the FADT (5.2.9, table 5.9) names other tables.
namespace fadt {
inline constexpr size_t kFirmwareControl = 36;  // 32 bits
inline constexpr size_t kDsdt = 40;             // 32 bits
inline constexpr size_t kExtendedDsdt = 140;    // 64 bits
}  // namespace fadt
Table build_fadt(const PcTables& description);

Table build_madt(const PcTables& description);  // 5.2.12
Table build_mcfg(const PciHost& pci);           // PCI Firmware Specification 3.2, 4.1.2

// Serial Port Console Redirection Table, revision 2.
struct SerialConsole {
  uint8_t interface;
  Bytes address;
  uint8_t interrupt_type;
  uint8_t isa_interrupt;  // if the type names one
  Gsi interrupt;
};
Table build_spcr(const SerialConsole& console);
Table build_spcr(const IsaDevice& serial);

Table build_waet();                             // Windows ACPI Emulated Devices Table 1.0
Table build_dsdt(const PcTables& description);  // 5.2.11.1

// What a board's tables are before they have places.
struct TableSet {
  Table dsdt;
  Table fadt;
  std::vector<Table> others;
};
// All of them, with what leads to them. Throws Error if they do not fit.
PlacedTables place_tables(const TableSet& set, GuestRange area);

// The number of buses behind an ECAM range. Throws Error unless it is 1 to 256 whole ones.
uint32_t bus_count(const PciHost& pci);

}  // namespace lintel::acpi
