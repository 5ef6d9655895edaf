// SPDX-License-Identifier: Apache-2.0
// The board's address table, said in ACPI's words.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "firmware/acpi/tables.h"
#include "vmm/base/types.h"

namespace lintel::pc {

struct TableRequest {
  std::vector<uint32_t> apic_ids;
  bool serial = false;
  bool pci_config_ports = false;
  bool legacy_vga = false;  // a PCI device answers at VGA's addresses
  GuestRange pci_memory64;  // size 0: none
  // Buses that have numbers. The tables describe no more: Linux looks at all 32 slots of each bus
  // in the ECAM window, and on a bus that does not exist each look is an exit.
  uint32_t pci_buses = 1;
};

acpi::PcTables describe(const TableRequest& request);

// The 64-bit window for PCI: above RAM, below the CPU's address limit, for `demand` bytes of BARs
// at least. In `usable`, where devices reach it; elsewhere if nothing fits there and no device is
// to reach another's BAR. Size 0 if nothing fits.
struct WindowRequest {
  uint64_t ram_end = 0;
  unsigned physical_bits = 36;
  uint64_t demand = 0;  // bytes
  bool peer_to_peer = false;
};
GuestRange pci_memory64_window(const WindowRequest& request, std::span<const GuestRange> usable);

// RAM of that size around the hole below 4 GiB.
std::vector<GuestRange> ram_ranges(uint64_t size, std::span<const GuestRange> usable);

// The bytes of `ram` from there on to the first hole: all that CMOS can tell firmware.
uint64_t ram_from(GuestAddress start, std::span<const GuestRange> ram);

}  // namespace lintel::pc
