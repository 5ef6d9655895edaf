// SPDX-License-Identifier: Apache-2.0
// Capabilities that are registers only.
#pragma once

#include <cstdint>

#include "vmm/pci/config_space.h"

namespace lintel::pci {

// PCI Express Base 5.0, 7.5.3.2.
enum class ExpressType : uint8_t {
  kEndpoint = 0,
  kRootPort = 4,
  kIntegratedEndpoint = 9,  // on the root bus, without a link
};

struct ExpressLink {
  uint8_t speed = 4;   // 1 to 4: 2.5, 5, 8, 16 GT/s (7.5.3.6)
  uint8_t width = 16;  // 1, 2, 4, 8 or 16 lanes
  uint8_t port = 0;    // port number, of a root port
  uint16_t slot = 0;   // physical slot number, of a root port; 0: no slot
};

// The version 2 PCI Express capability with its link trained at full speed and width; a root port's
// slot has a device that stays (HotplugSlot makes it another). Returns the offset.
uint8_t add_express(ConfigSpace& config, ExpressType type, const ExpressLink& link = {});

}  // namespace lintel::pci
