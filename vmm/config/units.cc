// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/units.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <limits>
#include <span>

#include <fmt/format.h>

namespace lintel::config {

namespace {

struct Unit {
  std::string_view suffix;
  uint64_t factor;
};

constexpr std::array<Unit, 4> kSizeUnits{{{"T", uint64_t{1} << 40},
                                          {"G", uint64_t{1} << 30},
                                          {"M", uint64_t{1} << 20},
                                          {"K", uint64_t{1} << 10}}};
constexpr std::array<Unit, 4> kTimeUnits{
    {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

template <typename T>
std::optional<T> parse_number(std::string_view text, int base = 10) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

unsigned hex_digit(char c) {
  return parse_number<unsigned>(std::string_view(&c, 1), 16).value_or(16);
}

// `shape`: x is a hexadecimal digit, o an octal one, anything else itself.
bool fits(std::string_view text, std::string_view shape) {
  return text.size() == shape.size() &&
         std::equal(text.begin(), text.end(), shape.begin(), [](char c, char wanted) {
           if (wanted == 'x') return hex_digit(c) < 16;
           if (wanted == 'o') return hex_digit(c) < 8;
           return c == wanted;
         });
}

struct Quantity {
  std::string_view digits;
  std::string_view unit;
};

Quantity split(std::string_view text) {
  const size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  return {text.substr(0, end), text.substr(end)};
}

std::optional<uint64_t> parse_quantity(std::string_view text, std::span<const Unit> units) {
  const auto [digits, suffix] = split(text);
  const auto number = parse_number<uint64_t>(digits);
  if (!number) return {};
  for (const Unit& unit : units) {
    if (unit.suffix != suffix) continue;
    if (*number > std::numeric_limits<uint64_t>::max() / unit.factor) return {};
    return *number * unit.factor;
  }
  return {};
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool is_address(const std::string& text, int family) {
  std::array<unsigned char, sizeof(in6_addr)> storage{};
  return inet_pton(family, text.c_str(), storage.data()) == 1;
}

// Splits "[::1]:2222:22" or "127.0.0.1:2222:22" at the address; false if the address is none.
bool take_address(std::string_view& text, std::string& address) {
  if (text.starts_with('[')) {
    const size_t end = text.find("]:");
    if (end == std::string_view::npos) return false;
    address = text.substr(1, end - 1);
    text.remove_prefix(end + 2);
    return is_address(address, AF_INET6);
  }
  if (std::count(text.begin(), text.end(), ':') == 2) {
    const size_t end = text.find(':');
    address = text.substr(0, end);
    text.remove_prefix(end + 1);
    return is_address(address, AF_INET);
  }
  return true;
}

}  // namespace

std::optional<uint64_t> parse_size(std::string_view text) {
  return parse_quantity(text, kSizeUnits);
}

std::optional<uint64_t> parse_duration(std::string_view text) {
  return parse_quantity(text, kTimeUnits);
}

std::string format_duration(uint64_t milliseconds) {
  // 90 s reads better than 1.5 m, and 3600 s as 1h.
  for (const Unit& unit : kTimeUnits) {
    if (milliseconds != 0 && milliseconds % unit.factor == 0) {
      return fmt::format("{}{}", milliseconds / unit.factor, unit.suffix);
    }
  }
  return "0s";
}

std::optional<MacAddress> parse_mac(std::string_view text) {
  MacAddress mac{};
  if (text.size() != 17) return {};
  for (size_t i = 0; i < mac.size(); ++i) {
    const auto byte = parse_number<uint8_t>(text.substr(i * 3, 2), 16);
    if (!byte || (i < 5 && text[i * 3 + 2] != ':')) return {};
    mac[i] = *byte;
  }
  const bool multicast = (mac[0] & 1) != 0;
  if (multicast || mac == MacAddress{}) return {};
  return mac;
}

std::string format_mac(const MacAddress& mac) {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", mac[0], mac[1], mac[2], mac[3],
                     mac[4], mac[5]);
}

std::optional<PortForward> parse_forward(std::string_view text) {
  PortForward forward;
  if (const size_t slash = text.rfind('/'); slash != std::string_view::npos) {
    const std::string_view transport = text.substr(slash + 1);
    if (transport != "tcp" && transport != "udp") return {};
    if (transport == "udp") forward.transport = Transport::kUdp;
    text = text.substr(0, slash);
  }
  if (!take_address(text, forward.host_address)) return {};
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return {};
  const auto host = parse_number<uint16_t>(text.substr(0, colon));
  const auto guest = parse_number<uint16_t>(text.substr(colon + 1));
  if (!host || !guest || *host == 0 || *guest == 0) return {};
  forward.host_port = *host;
  forward.guest_port = *guest;
  return forward;
}

std::string format_forward(const PortForward& forward) {
  std::string out;
  if (forward.host_address.find(':') != std::string::npos) {
    out = fmt::format("[{}]:", forward.host_address);
  } else if (!forward.host_address.empty()) {
    out = forward.host_address + ':';
  }
  out += fmt::format("{}:{}", forward.host_port, forward.guest_port);
  if (forward.transport == Transport::kUdp) out += "/udp";
  return out;
}

bool is_pci_slot(std::string_view text) {
  return fits(text, "xx.o") && hex_digit(text[0]) < 2;
}

bool is_pci_address(std::string_view text) {
  // The segment has four to eight digits.
  const size_t colon = text.find(':');
  if (colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos) {
    if (colon < 4 || !fits(text.substr(0, colon), std::string_view("xxxxxxxx").substr(0, colon))) {
      return false;
    }
    text.remove_prefix(colon + 1);
  }
  return fits(text, "xx:xx.o") && is_pci_slot(text.substr(3));
}

bool is_pci_ids(std::string_view text) {
  return fits(text, "xxxx:xxxx");
}

bool is_pci_device(std::string_view text) {
  return is_pci_address(text) || is_pci_ids(text);
}

bool is_rebar(std::string_view text) {
  if (text == "keep" || text == "max") return true;
  const auto size = parse_size(text);
  return size && std::has_single_bit(*size) && *size >= uint64_t{1} << 20;
}

std::string suggest_size(std::string_view text) {
  const auto [digits, rest] = split(trim(text));
  const std::string unit = lower(trim(rest));
  if (digits.empty() || unit.empty()) return {};
  const std::string letter(1, static_cast<char>(unit[0] - 'a' + 'A'));
  if (unit.size() > 1 && unit.substr(1) != "b" && unit.substr(1) != "ib") return {};
  std::string suggestion = std::string(digits) + letter;
  return parse_size(suggestion) ? suggestion : std::string();
}

std::string suggest_duration(std::string_view text) {
  const auto [digits, rest] = split(trim(text));
  const std::string unit = lower(trim(rest));
  if (digits.empty()) return {};
  std::string suffix;
  if (unit.empty() || unit.starts_with("sec") || unit == "s") suffix = "s";
  if (unit.starts_with("min")) suffix = "m";
  if (unit.starts_with("hour") || unit == "h") suffix = "h";
  if (unit == "ms" || unit.starts_with("milli") || unit == "msec") suffix = "ms";
  if (suffix.empty()) return {};
  std::string suggestion = std::string(digits) + suffix;
  return parse_duration(suggestion) ? suggestion : std::string();
}

}  // namespace lintel::config
