// SPDX-License-Identifier: Apache-2.0
// The device tree of the arm64 board. The description holds every address and interrupt, so that a
// guest is told what the board really wired; nothing here knows the board. The nodes follow the
// bindings in Linux Documentation/devicetree/bindings, which the comments name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "firmware/fdt/fdt_builder.h"
#include "vmm/base/types.h"

namespace lintel::fdt {

struct GicV2 {
  GuestRange distributor;
  GuestRange cpu_interface;
  std::optional<GuestRange> v2m;  // the frame that takes MSIs; it says itself for which interrupts
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
  uint32_t line = 0;
};

struct PciHost {
  GuestRange ecam;  // 1 MiB for each bus, from bus 0 on
  GuestRange io_window;
  GuestRange memory32;  // seen at the same addresses by the devices
  std::optional<GuestRange> memory64;
  // Pin A to D (0 to 3) of a slot on bus 0 reaches first_interrupt + (slot + pin) % 4.
  Spi first_interrupt;
};

struct Chosen {
  std::string command_line;
  GuestRange initrd;  // size zero: none
  std::optional<uint64_t> kaslr_seed;
  std::vector<std::byte> rng_seed;  // empty: none
  // The guest keeps the bus numbers and addresses that PCI functions have.
  bool keep_pci_config = false;
};

struct VirtFdt {
  // The affinity fields of the vCPUs' MPIDR_EL1; the first is the one that boots.
  std::vector<uint64_t> mpidrs;
  std::vector<GuestRange> memory;
  std::variant<GicV2, GicV3> gic;
  TimerInterrupts timer;
  std::optional<Ppi> pmu;
  std::optional<MmioDevice> serial;  // PL011, the console if there is one
  std::optional<MmioDevice> clock;   // PL031
  std::optional<PowerButton> power_button;
  std::optional<GuestRange> fw_cfg;
  std::optional<GuestRange> pvpanic;
  std::vector<GuestRange> flash;  // banks
  std::optional<PciHost> pci;
  Chosen chosen;
};

// Throws Error if the description contradicts itself or the bindings.
Bytes build_virt_fdt(const VirtFdt& description);

}  // namespace lintel::fdt
