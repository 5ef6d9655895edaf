// SPDX-License-Identifier: Apache-2.0
// The images of an expansion ROM (PCI Firmware 3.0, 5.1): each has a header, and behind it a PCI
// data structure that tells for which function and which firmware it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace lintel::pci {

inline constexpr uint8_t kRomEfi = 3;

struct RomImage {
  uint16_t vendor = 0;
  uint16_t device = 0;
  uint8_t code_type = 0;  // 0: PC firmware of old, kRomEfi: UEFI
  uint32_t size = 0;      // bytes, as the image says: the next one begins there; may be 0
  bool last = false;
};

// The image that `bytes` begin with; nothing if there is no header (55 AA) or no data structure.
std::optional<RomImage> parse_rom_image(std::span<const std::byte> bytes);

}  // namespace lintel::pci
