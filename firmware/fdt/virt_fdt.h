// SPDX-License-Identifier: Apache-2.0
// The device tree of the arm64 board. The description holds every address and interrupt, so that a
// guest is told what the board really wired; nothing here knows the board. The nodes follow the
// bindings in Linux Documentation/devicetree/bindings, which the comments name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "firmware/arm64_parts.h"
#include "firmware/fdt/fdt_builder.h"
#include "vmm/base/types.h"

namespace lintel::fdt {

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

// `serial` is the console if there is one.
struct VirtFdt : arm64::Parts {
  std::optional<arm64::CpuTopology> topology;  // the product is the number of CPUs
  std::vector<GuestRange> memory;
  std::optional<arm64::MmioDevice> clock;  // PL031
  std::vector<GuestRange> flash;           // banks
  std::optional<PciHost> pci;
  // Where passed-through platform devices are; the nodes of its devices have the guest's addresses.
  std::optional<GuestRange> platform_bus;
  Chosen chosen;
};

// Throws Error if the description contradicts itself or the bindings.
Bytes build_virt_fdt(const VirtFdt& description);

}  // namespace lintel::fdt
