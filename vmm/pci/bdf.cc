// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/bdf.h"

#include <charconv>

#include <fmt/core.h>

namespace lintel::pci {
namespace {

// One to `digits` hexadecimal digits, nothing else, up to `limit`.
std::optional<unsigned> parse_hex(std::string_view text, size_t digits, unsigned limit) {
  if (text.empty() || text.size() > digits) return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size() || value > limit) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::string to_string(Devfn devfn) {
  return fmt::format("{:02x}.{:x}", devfn.device(), devfn.function());
}

std::string to_string(Bdf bdf) {
  return fmt::format("{:02x}:{}", bdf.bus, to_string(bdf.devfn));
}

std::optional<Devfn> parse_devfn(std::string_view text) {
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto device = parse_hex(text.substr(0, dot), 2, 31);
  const auto function = parse_hex(text.substr(dot + 1), 1, 7);
  if (!device || !function) return std::nullopt;
  return Devfn(*device, *function);
}

std::optional<Bdf> parse_bdf(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto bus = parse_hex(text.substr(0, colon), 2, 255);
  const auto devfn = parse_devfn(text.substr(colon + 1));
  if (!bus || !devfn) return std::nullopt;
  return Bdf(static_cast<uint8_t>(*bus), *devfn);
}

}  // namespace lintel::pci
