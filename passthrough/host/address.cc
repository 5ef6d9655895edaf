// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/address.h"

#include <charconv>

#include <fmt/format.h>

namespace lintel::passthrough::host {

namespace {

// `min` to `max` hexadecimal digits and nothing else.
std::optional<uint32_t> hex(std::string_view text, size_t min, size_t max) {
  if (text.size() < min || text.size() > max) return std::nullopt;
  uint32_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string to_string(PciAddress address) {
  return fmt::format("{:04x}:{}", address.segment, lintel::pci::to_string(address.bdf));
}

std::string to_string(PciIds ids) {
  return fmt::format("{:04x}:{:04x}", ids.vendor, ids.device);
}

std::string to_string(const DeviceName& name) {
  return std::visit([](const auto& one) { return to_string(one); }, name);
}

std::optional<PciAddress> parse_address(std::string_view text) {
  PciAddress address;
  const size_t colon = text.find(':');
  if (colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos) {
    const auto segment = hex(text.substr(0, colon), 4, 8);
    if (!segment) return std::nullopt;
    address.segment = *segment;
    text.remove_prefix(colon + 1);
  }
  const auto bdf = lintel::pci::parse_bdf(text);
  if (!bdf) return std::nullopt;
  address.bdf = *bdf;
  return address;
}

std::optional<PciIds> parse_ids(std::string_view text) {
  if (text.size() != 9 || text[4] != ':') return std::nullopt;
  const auto vendor = hex(text.substr(0, 4), 4, 4);
  const auto device = hex(text.substr(5), 4, 4);
  if (!vendor || !device) return std::nullopt;
  return PciIds{static_cast<uint16_t>(*vendor), static_cast<uint16_t>(*device)};
}

std::optional<DeviceName> parse_device(std::string_view text) {
  if (const auto address = parse_address(text)) return *address;
  if (const auto ids = parse_ids(text)) return *ids;
  return std::nullopt;
}

}  // namespace lintel::passthrough::host
