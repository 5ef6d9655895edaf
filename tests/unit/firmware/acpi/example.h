// SPDX-License-Identifier: Apache-2.0
// A description of a machine with everything, for tests.
#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

#include "firmware/acpi/tables.h"

namespace lintel::acpi {

inline PcTables example_tables(uint32_t cpus) {
  PcTables tables = {
      .apic_ids = std::vector<uint32_t>(cpus),
      .interrupts = {.local_apic = GuestAddress(0xfee00000),
                     .io_apic = GuestAddress(0xfec00000),
                     .io_apic_id = 0,
                     .overrides = {{.isa_interrupt = 0, .gsi = Gsi(2)},
                                   {.isa_interrupt = 9,
                                    .gsi = Gsi(9),
                                    .polarity = Polarity::kActiveHigh,
                                    .trigger = Trigger::kLevel}}},
      .power = {.event_block = {GuestAddress(0x600), 4},
                .control_block = {GuestAddress(0x604), 2},
                .timer = {GuestAddress(0x608), 4},
                .sci = Gsi(9),
                .reset_port = GuestAddress(0xcf9),
                .reset_value = 6,
                .soft_off_type = 5},
      .pci = {.ecam = {GuestAddress(0xb0000000), 256 * kMiB},
              .config_ports = GuestRange{GuestAddress(0xcf8), 8},
              .io_windows = {{GuestAddress(0xc000), 0x4000}},
              .memory_windows = {{GuestAddress(0xc0000000), 960 * kMiB}},
              .first_gsi = Gsi(16),
              .gsi_count = 4},
      .clock = IsaDevice{{GuestAddress(0x70), 2}, Gsi(8)},
      .serial = IsaDevice{{GuestAddress(0x3f8), 8}, Gsi(4)},
      .serial_console = true,
      .pvpanic = GuestRange{GuestAddress(0x505), 1},
      .fw_cfg = GuestRange{GuestAddress(0x510), 12},
      .reserved_ports = {{GuestAddress(0xf4), 4}, {GuestAddress(0x402), 1}},
  };
  std::iota(tables.apic_ids.begin(), tables.apic_ids.end(), 0);
  return tables;
}

}  // namespace lintel::acpi
