// SPDX-License-Identifier: Apache-2.0
// The list of a function's standard capabilities (PCI Local Bus 3.0, 6.7), wherever its bytes are.
#pragma once

#include <bitset>
#include <cstdint>

#include "vmm/pci/config_regs.h"
#include "vmm/pci/config_space.h"

namespace lintel::passthrough::pci {

// Calls `visit` with the offset and the id of one capability after the other, while it returns
// true. `word` reads 16 bits at an even offset. Returns where the list loops or leaves its space,
// or 0.
template <typename Word, typename Visit>
uint16_t walk_capabilities(const Word& word, const Visit& visit) {
  namespace reg = lintel::pci::reg;
  constexpr uint16_t kFirst = 0x40;
  constexpr unsigned kUnit = 4;
  if ((word(reg::kStatus) & reg::kStatusCapabilities) == 0) return 0;
  std::bitset<lintel::pci::kStandardConfigSize / kUnit> seen;
  uint16_t at = word(reg::kCapabilityPointer) & 0xfc;
  while (at >= kFirst && !seen[at / kUnit]) {
    seen.set(at / kUnit);
    const uint16_t entry = word(at);
    if (!visit(at, static_cast<uint8_t>(entry & 0xff))) return 0;
    at = entry >> 8 & 0xfc;
  }
  return at;
}

}  // namespace lintel::passthrough::pci
