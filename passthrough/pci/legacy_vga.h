// SPDX-License-Identifier: Apache-2.0
// The addresses of VGA (vmm/pci/vga.h), for one device of a machine. The guest must have no RAM
// there.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "passthrough/device.h"
#include "vmm/base/types.h"
#include "vmm/bus/bus.h"
#include "vmm/bus/device.h"

namespace lintel::passthrough::pci {

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
