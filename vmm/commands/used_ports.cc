// SPDX-License-Identifier: Apache-2.0
#include "vmm/commands/used_ports.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace lintel::commands {

namespace {

using passthrough::host::words;

// proc(5), /proc/net/tcp: of a socket that waits for connections.
constexpr std::string_view kListens = "0A";

using Address = std::vector<uint8_t>;  // 4 or 16 bytes, in the order of the network

std::optional<Address> parse(const std::string& text) {
  for (const auto& [family, size] : {std::pair{AF_INET, 4U}, {AF_INET6, 16U}}) {
    Address address(size);
    if (inet_pton(family, text.c_str(), address.data()) == 1) return address;
  }
  return std::nullopt;
}

template <typename T>
std::optional<T> hex(std::string_view text) {
  T value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

// "0100007F:1F90": words as the host's processor reads the bytes of the address.
std::optional<Address> address_in(std::string_view text) {
  Address address;
  for (; text.size() >= 8; text.remove_prefix(8)) {
    const auto word = hex<uint32_t>(text.substr(0, 8));
    if (!word) return std::nullopt;
    std::array<uint8_t, 4> bytes;
    std::memcpy(bytes.data(), &*word, bytes.size());
    address.insert(address.end(), bytes.begin(), bytes.end());
  }
  if (!text.empty() || address.empty()) return std::nullopt;
  return address;
}

bool is_any(const Address& address) {
  return std::ranges::all_of(address, [](uint8_t byte) { return byte == 0; });
}

}  // namespace

bool is_port_used(const passthrough::host::Tree& tree, const HostPort& port) {
  const std::optional<Address> wanted = parse(port.address);
  for (const std::string_view family : {"", "6"}) {
    const auto lines = tree.lines(fmt::format("/proc/net/{}{}", port.udp ? "udp" : "tcp", family));
    for (const std::string& line : lines) {
      const std::vector<std::string> parts = words(line);  // "0:", local, remote, state
      if (parts.size() < 4 || (!port.udp && parts[3] != kListens)) continue;
      const size_t colon = parts[1].find(':');
      if (colon == std::string::npos) continue;
      const std::string_view local = parts[1];
      if (hex<uint16_t>(local.substr(colon + 1)) != port.number) continue;
      const auto address = address_in(local.substr(0, colon));
      if (!address) continue;
      if (!wanted || is_any(*wanted) || is_any(*address) || address == wanted) return true;
    }
  }
  return false;
}

}  // namespace lintel::commands
