// SPDX-License-Identifier: Apache-2.0
// The spellings of sizes, times, MAC addresses, port forwards and PCI devices. Each parse function
// gives nothing for any other spelling, and each format function gives the one that parses to the
// same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vmm/config/config.h"

namespace lintel::config {

// "512M", "2G": a whole number and K, M, G or T, powers of 1024; format_size (vmm/base/text.h)
// gives it.
std::optional<uint64_t> parse_size(std::string_view text);

// "250ms", "30s", "10m", "2h", in milliseconds.
std::optional<uint64_t> parse_duration(std::string_view text);
std::string format_duration(uint64_t milliseconds);

// Six hexadecimal bytes with colons, of a single station (not multicast, not all zero).
std::optional<MacAddress> parse_mac(std::string_view text);
std::string format_mac(const MacAddress& mac);

// [ADDRESS:]HOST_PORT:GUEST_PORT[/tcp|/udp], an IPv6 address in brackets.
std::optional<PortForward> parse_forward(std::string_view text);
std::string format_forward(const PortForward& forward);

// "0000:01:00.0" or "01:00.0", and vendor:device "10de:2684"; both make a device.
bool is_pci_address(std::string_view text);
bool is_pci_ids(std::string_view text);
bool is_pci_device(std::string_view text);
// "05.0": device and function.
bool is_pci_slot(std::string_view text);
// "keep", "max", or a size that a resizable BAR can have: a power of two of 1 MiB or more.
bool is_rebar(std::string_view text);

// The spelling that the user may have meant: "512MB", "512 MiB", "512m" give "512M"; else empty.
std::string suggest_size(std::string_view text);
// "30", "30 sec", "30S" give "30s"; else empty.
std::string suggest_duration(std::string_view text);

}  // namespace lintel::config
