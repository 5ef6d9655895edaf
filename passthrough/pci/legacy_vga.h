// SPDX-License-Identifier: Apache-2.0
// The addresses that graphics cards answer at since the VGA of 1987, wherever their BARs are: for
// one device of a machine.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "passthrough/device.h"
#include "vmm/base/types.h"
#include "vmm/bus/bus.h"
#include "vmm/bus/device.h"

namespace lintel::passthrough::pci {

// A PCI device decodes them without a BAR (PCI Code and ID Assignment 1.11, 1.4; the ranges are
// those of the VGA Enable bit, PCI-to-PCI Bridge 1.2, 3.2.5.18). The guest must have no RAM there.
inline constexpr GuestRange kVgaMemory{GuestAddress(0xa0000), 0x20000};
inline constexpr std::array kVgaPorts{GuestRange{GuestAddress(0x3b0), 12},
                                      GuestRange{GuestAddress(0x3c0), 32}};

class LegacyVga {
 public:
  // `decodes` says whether the guest lets the device answer in memory, or at ports. The kernel has
  // the device's VGA routed to it for each access. All outlive this object. Throws Error if the
  // device has no such region, or the addresses are taken.
  LegacyVga(passthrough::Device& device, Bus& memory, Bus& ports,
            std::function<bool(bool ports)> decodes);
  ~LegacyVga();
  LegacyVga(const LegacyVga&) = delete;
  LegacyVga& operator=(const LegacyVga&) = delete;

 private:
  class Window;
  struct Place {
    Bus* bus;
    GuestRange range;
    std::unique_ptr<Window> window;
  };
  std::vector<Place> places_;
};

}  // namespace lintel::passthrough::pci
