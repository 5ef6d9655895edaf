// SPDX-License-Identifier: Apache-2.0
// How a PCI function of the host is named: by place, or by what it is.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "vmm/pci/bdf.h"

namespace lintel::passthrough::host {

// The host's segments have numbers of up to 32 bits (Linux counts those of VMD from 0x10000).
struct PciAddress {
  uint32_t segment = 0;
  lintel::pci::Bdf bdf;

  constexpr auto operator<=>(const PciAddress&) const = default;
  // Whether the other is a function of the same slot.
  constexpr bool same_slot(const PciAddress& other) const {
    return segment == other.segment && bdf.bus == other.bdf.bus &&
           bdf.devfn.device() == other.bdf.devfn.device();
  }
};

// Vendor and device.
struct PciIds {
  uint16_t vendor = 0;
  uint16_t device = 0;

  constexpr auto operator<=>(const PciIds&) const = default;
};

// How users name a device: by place, or by ids of which the host has one. It is parsed where it
// comes in, so that two spellings of one name are one.
using DeviceName = std::variant<PciAddress, PciIds>;

// "0000:01:00.0"
std::string to_string(PciAddress address);
// "10de:2684"
std::string to_string(PciIds ids);
std::string to_string(const DeviceName& name);

// As sysfs writes it, or without the segment: "01:00.0". Nothing for any other form.
std::optional<PciAddress> parse_address(std::string_view text);
std::optional<PciIds> parse_ids(std::string_view text);
std::optional<DeviceName> parse_device(std::string_view text);

}  // namespace lintel::passthrough::host
