// SPDX-License-Identifier: Apache-2.0
// Where a function is: bus, device and function number (PCI Local Bus 3.0, 3.2.2.3.2).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lintel::pci {

// Device (0 to 31) and function (0 to 7): the place on a bus, whatever number the bus has.
struct Devfn {
  uint8_t value = 0;

  constexpr Devfn() = default;
  constexpr explicit Devfn(uint8_t encoded) : value(encoded) {}
  constexpr Devfn(unsigned device, unsigned function)
      : value(static_cast<uint8_t>(((device & 0x1f) << 3) | (function & 7))) {}
  constexpr unsigned device() const { return value >> 3; }
  constexpr unsigned function() const { return value & 7; }
  constexpr auto operator<=>(const Devfn&) const = default;
};

struct Bdf {
  uint8_t bus = 0;
  Devfn devfn;

  constexpr Bdf() = default;
  constexpr Bdf(uint8_t bus_number, Devfn place) : bus(bus_number), devfn(place) {}
  // From a requester ID (PCI Express Base 5.0, 2.2.6.2).
  constexpr explicit Bdf(uint16_t requester)
      : bus(static_cast<uint8_t>(requester >> 8)), devfn(static_cast<uint8_t>(requester)) {}
  constexpr uint16_t value() const { return static_cast<uint16_t>((bus << 8) | devfn.value); }
  constexpr auto operator<=>(const Bdf&) const = default;
};

// "1f.0"
std::string to_string(Devfn devfn);
// "00:1f.0"
std::string to_string(Bdf bdf);

// Exactly those forms (one or two hexadecimal digits for bus and device); nullopt otherwise.
std::optional<Devfn> parse_devfn(std::string_view text);
std::optional<Bdf> parse_bdf(std::string_view text);

}  // namespace lintel::pci
