// SPDX-License-Identifier: Apache-2.0
// Finds a function's capabilities as a guest does.
#pragma once

#include <cstdint>

#include "vmm/pci/config_regs.h"
#include "vmm/pci/config_space.h"

namespace lintel::pci {

// The offset of the first capability with this ID, or 0. A guest or a device may have made a loop.
inline uint8_t find_capability(const ConfigSpace& config, uint8_t id) {
  uint8_t offset = config.read8(reg::kCapabilityPointer);
  for (unsigned i = 0; i < kStandardConfigSize / 4 && offset != 0 && offset % 4 == 0; ++i) {
    if (config.read8(offset) == id) return offset;
    offset = config.read8(static_cast<uint16_t>(offset + 1));
  }
  return 0;
}

}  // namespace lintel::pci
