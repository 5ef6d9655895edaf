// SPDX-License-Identifier: Apache-2.0
// The ACPI tables of the x86_64 board. The description holds every address, so that a guest is told
// what the board really wired; nothing here knows the board.
//
// Linux interprets the DSDT at boot, and each access to a port would be an exit: no method that a
// guest runs unasked touches a port or memory.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "firmware/acpi/table.h"
#include "vmm/base/types.h"

namespace lintel::acpi {

enum class Polarity : uint8_t { kOfBus = 0, kActiveHigh = 1, kActiveLow = 3 };
enum class Trigger : uint8_t { kOfBus = 0, kEdge = 1, kLevel = 3 };

// Where an ISA interrupt does not reach the I/O APIC's input of the same number as an active-high
// edge. The board's interrupt routing has to agree with this list.
struct InterruptOverride {
  uint8_t isa_interrupt;
  Gsi gsi;
  Polarity polarity = Polarity::kOfBus;
  Trigger trigger = Trigger::kOfBus;
};

struct InterruptControllers {
  GuestAddress local_apic;
  GuestAddress io_apic;
  uint8_t io_apic_id;
  Gsi first_gsi{0};
  bool has_8259 = true;  // a guest sets a pair of them up, to silence them
  std::vector<InterruptOverride> overrides;
};

// ACPI 6.4, 4.8.3: the fixed hardware. The power button is in the event block; there is no sleep
// button, no general purpose event, and no SMI port, because ACPI mode is always on.
struct PowerManagement {
  GuestRange event_block;    // PM1a: status and enable
  GuestRange control_block;  // PM1a
  GuestRange timer;
  Gsi sci;
  GuestAddress reset_port;
  uint8_t reset_value;
  uint8_t soft_off_type;  // SLP_TYP for S5, 0 to 7
};

struct PciHost {
  GuestRange ecam;  // 1 MiB for each bus, from bus 0 on
  std::optional<GuestRange> config_ports;
  std::vector<GuestRange> io_windows;
  std::vector<GuestRange> memory_windows;
  // Pin A to D (0 to 3) of a slot on bus 0 reaches first_gsi + (slot + pin) % gsi_count.
  Gsi first_gsi;
  uint32_t gsi_count;
  // Where port 0 of the windows is in memory, for CPUs that have no ports.
  std::optional<GuestAddress> io_memory = std::nullopt;
  // DMA sees the caches, which has to be said where that is not the architecture's rule.
  bool says_coherent = false;
};

struct IsaDevice {
  GuestRange ports;
  Gsi interrupt;
};

struct PcTables {
  // The local APIC ids of the vCPUs; a vCPU's place in the list is its ACPI processor UID.
  std::vector<uint32_t> apic_ids;
  InterruptControllers interrupts;
  PowerManagement power;
  PciHost pci;
  std::optional<IsaDevice> clock;  // CMOS with its real-time clock
  std::optional<IsaDevice> serial;
  bool serial_console = false;  // adds an SPCR; needs `serial`
  bool vga = false;             // something may answer at the addresses of VGA
  std::optional<GuestRange> pvpanic;
  std::optional<GuestRange> fw_cfg;
  std::vector<GuestRange> reserved_ports;  // what no driver may take
  // Adds a WAET: one read of the PM timer and one interrupt of the clock are enough. For Windows.
  bool reliable_timers = true;
};

struct PlacedTables {
  Bytes bytes;
  GuestAddress rsdp;
  std::vector<PointerField> pointers;
  std::vector<ChecksumField> checksums;
};

// All tables, to be copied to the start of `area`, with the RSDP first. Throws Error if they do not
// fit in it, if it is not 64-byte aligned below 4 GiB, or if the description contradicts itself.
PlacedTables build_pc_tables(const PcTables& description, GuestRange area);

}  // namespace lintel::acpi
