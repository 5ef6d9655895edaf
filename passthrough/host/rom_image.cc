// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/rom_image.h"

#include <cstdint>
#include <optional>

#include <fmt/format.h>

namespace lintel::passthrough::host {

namespace {

// Of the ROM header, PCI Firmware 3.0, 5.1.1.
constexpr uint16_t kSignature = 0xaa55;
constexpr size_t kDataPointer = 0x18;
// Of the PCI data structure, 5.1.2.
constexpr std::string_view kDataSignature = "PCIR";
constexpr size_t kDataSize = 0x18;
constexpr size_t kVendor = 0x04;
constexpr size_t kDevice = 0x06;
constexpr size_t kImageLength = 0x10;  // in units of 512 bytes
constexpr size_t kCodeType = 0x14;
constexpr size_t kIndicator = 0x15;
constexpr size_t kUnit = 512;
constexpr uint8_t kEfi = 3;
constexpr uint8_t kLast = 0x80;

uint8_t byte_at(std::string_view bytes, size_t offset) {
  return offset < bytes.size() ? static_cast<uint8_t>(bytes[offset]) : 0;
}
uint16_t word_at(std::string_view bytes, size_t offset) {
  return static_cast<uint16_t>(byte_at(bytes, offset) | byte_at(bytes, offset + 1) << 8);
}

// The PCI data structure of the image that starts here.
std::optional<std::string_view> data_of(std::string_view image) {
  if (word_at(image, 0) != kSignature) return std::nullopt;
  const size_t offset = word_at(image, kDataPointer);
  if (offset > image.size() || image.size() - offset < kDataSize) return std::nullopt;
  const std::string_view data = image.substr(offset);
  if (!data.starts_with(kDataSignature)) return std::nullopt;
  return data;
}

Complaint warning(std::string message, std::string help) {
  return {.kind = ComplaintKind::kRom,
          .fatal = false,
          .message = std::move(message),
          .help = std::move(help)};
}

}  // namespace

std::vector<Complaint> check_rom_image(std::string_view bytes, PciIds device) {
  std::vector<Complaint> out;
  auto data = data_of(bytes);
  if (!data) {
    out.push_back({.kind = ComplaintKind::kRom,
                   .message = "the file is no option ROM: it lacks the signature 55 AA, or the "
                              "PCI data structure behind it",
                   .help = "dumps of some tools start with a header of the vendor's: cut off what "
                           "is in front of 55 AA"});
    return out;
  }
  const PciIds ids{word_at(*data, kVendor), word_at(*data, kDevice)};
  if (ids != device) {
    out.push_back(warning(fmt::format("the option ROM is for {}, the device is {}", to_string(ids),
                                      to_string(device)),
                          "firmware leaves ROMs of other devices alone"));
  }
  bool efi = false;
  std::string_view rest = bytes;
  while (data) {
    efi = efi || byte_at(*data, kCodeType) == kEfi;
    const size_t length = word_at(*data, kImageLength) * kUnit;
    if ((byte_at(*data, kIndicator) & kLast) != 0 || length == 0 || length >= rest.size()) break;
    rest.remove_prefix(length);
    data = data_of(rest);
  }
  if (!efi) {
    out.push_back(warning("the option ROM has code for a BIOS only",
                          "UEFI firmware shows no picture with it"));
  }
  return out;
}

}  // namespace lintel::passthrough::host
