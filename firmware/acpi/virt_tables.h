// SPDX-License-Identifier: Apache-2.0
// The ACPI tables of the arm64 board, hardware-reduced (ACPI 6.4, 4.1), for firmware that passes
// them on. As for the other board, the description holds every address.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "firmware/acpi/tables.h"
#include "vmm/base/types.h"

namespace lintel::acpi {

struct V2mFrame {
  GuestRange registers;
  Spi first;
  uint16_t count;
};

struct GicV2 {
  GuestRange distributor;
  GuestRange cpu_interface;
  std::optional<V2mFrame> v2m;
};

struct GicV3 {
  GuestRange distributor;
  std::vector<GuestRange> redistributors;
  std::optional<GuestRange> its;
};

struct TimerInterrupts {
  Ppi secure;
  Ppi physical;
  Ppi virtual_timer;
  Ppi hypervisor;
};

struct MmioDevice {
  GuestRange registers;
  Spi interrupt;
};

// A PL061, one line of which is the power button.
struct PowerButton {
  MmioDevice gpio;
  uint8_t line = 0;
};

struct VirtTables {
  // The affinity fields of the vCPUs; a vCPU's place in the list is its ACPI processor UID.
  std::vector<uint64_t> mpidrs;
  std::variant<GicV2, GicV3> gic;
  TimerInterrupts timer;
  std::optional<Ppi> pmu;
  PciHost pci;
  std::optional<MmioDevice> serial;  // PL011
  bool serial_console = false;       // adds an SPCR; needs `serial`
  std::optional<PowerButton> power_button;
  std::optional<GuestRange> pvpanic;
  std::optional<GuestRange> fw_cfg;
};

// As build_pc_tables.
PlacedTables build_virt_tables(const VirtTables& description, GuestRange area);

}  // namespace lintel::acpi
