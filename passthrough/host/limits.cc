// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/limits.h"

#include <charconv>
#include <string>
#include <string_view>
#include <vector>

namespace lintel::passthrough::host {

namespace {

// The kernel asks for the capability in the first user namespace, which alone has all users
// (user_namespaces(7), uid_map).
bool is_in_first_user_namespace(const Tree& tree) {
  const std::vector<std::string> lines = tree.lines("/proc/self/uid_map");
  return lines.empty() ||
         (lines.size() == 1 && words(lines[0]) == std::vector<std::string>{"0", "0", "4294967295"});
}

bool may_exceed(const Tree& tree) {
  // proc(5), /proc/PID/status: a mask in hexadecimal digits; linux/capability.h: CAP_IPC_LOCK.
  constexpr std::string_view kCapabilities = "CapEff:";
  constexpr unsigned kIpcLock = 14;
  for (const std::string& line : tree.lines("/proc/self/status")) {
    if (!line.starts_with(kCapabilities)) continue;
    const std::string_view digits = trimmed(std::string_view(line).substr(kCapabilities.size()));
    uint64_t set = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), set, 16);
    return (set >> kIpcLock & 1) != 0 && is_in_first_user_namespace(tree);
  }
  return false;
}

// "unlimited" is no number.
std::optional<uint64_t> number_in(const std::string& text) {
  uint64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc{}) return std::nullopt;
  return number;
}

}  // namespace

LockedMemoryLimits locked_memory_limits(const Tree& tree) {
  if (may_exceed(tree)) return {};
  // "Max locked memory  8388608  8388608  bytes": the soft and the hard limit.
  constexpr std::string_view kLimit = "Max locked memory";
  for (const std::string& line : tree.lines("/proc/self/limits")) {
    if (!line.starts_with(kLimit)) continue;
    const std::vector<std::string> values = words(std::string_view(line).substr(kLimit.size()));
    if (values.size() >= 2) return {number_in(values[0]), number_in(values[1])};
  }
  return {};
}

}  // namespace lintel::passthrough::host
