// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/rom_image.h"

#include "vmm/base/endian.h"

namespace lintel::pci {
namespace {

// Of the header, 5.1.1.
constexpr uint16_t kSignature = 0xaa55;
constexpr size_t kStructurePointer = 0x18;
constexpr size_t kHeaderSize = 0x1a;
// Of the PCI data structure, 5.1.2.
constexpr uint32_t kStructureSignature = 0x52494350;  // "PCIR"
constexpr size_t kVendor = 0x04;
constexpr size_t kDevice = 0x06;
constexpr size_t kLength = 0x10;
constexpr size_t kCodeType = 0x14;
constexpr size_t kIndicator = 0x15;
constexpr size_t kStructureSize = 0x18;
constexpr uint32_t kUnit = 512;
constexpr uint8_t kLast = 0x80;

}  // namespace

std::optional<RomImage> parse_rom_image(std::span<const std::byte> bytes) {
  if (bytes.size() < kHeaderSize || load_le<uint16_t>(bytes.data()) != kSignature) {
    return std::nullopt;
  }
  const size_t at = load_le<uint16_t>(&bytes[kStructurePointer]);
  if (at > bytes.size() || bytes.size() - at < kStructureSize ||
      load_le<uint32_t>(&bytes[at]) != kStructureSignature) {
    return std::nullopt;
  }
  const auto structure = bytes.subspan(at);
  return RomImage{.vendor = load_le<uint16_t>(&structure[kVendor]),
                  .device = load_le<uint16_t>(&structure[kDevice]),
                  .code_type = std::to_integer<uint8_t>(structure[kCodeType]),
                  .size = load_le<uint16_t>(&structure[kLength]) * kUnit,
                  .last = (std::to_integer<uint8_t>(structure[kIndicator]) & kLast) != 0};
}

}  // namespace lintel::pci
