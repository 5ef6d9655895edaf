// SPDX-License-Identifier: Apache-2.0
// Bits of a passed function's configuration space that the user fixes for the guest, in the syntax
// of setpci(8): REGISTER[.WIDTH]=VALUE[:MASK].
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lintel::passthrough::host {

struct ConfigPatch {
  struct Capability {
    uint16_t id = 0;
    bool extended = false;

    bool operator==(const Capability&) const = default;
  };

  std::string text;
  std::optional<Capability> capability;  // the first of these; else of the whole space
  uint16_t offset = 0;                   // in that; a multiple of the size
  uint8_t size = 1;                      // 1, 2 or 4
  uint32_t value = 0;                    // none of its bits is outside the mask
  uint32_t mask = 0;
};

// "2c.w=1af4", "CAP_EXP+0c.l=0:30": numbers are hexadecimal, without a width it is a byte, without
// a mask it is all of it. Throws Error for what is not that, and for what the monitor drives
// itself.
ConfigPatch parse_patch(std::string_view text);

// Why bits of a register are not the user's to fix; empty if they are. In the header, below 0x40:
std::string_view obstacle_in_header(uint16_t offset, unsigned size, uint32_t mask);
// In a capability, by the register's offset in it:
std::string_view obstacle_in_capability(const ConfigPatch::Capability& capability, uint16_t offset,
                                        unsigned size, uint32_t mask);

}  // namespace lintel::passthrough::host
