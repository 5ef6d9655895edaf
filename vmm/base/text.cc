// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/text.h"

#include <array>

#include <fmt/format.h>

namespace lintel {

std::string join(const std::vector<std::string>& texts, std::string_view between) {
  return fmt::format("{}", fmt::join(texts, between));
}

std::string format_size(uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"", "K", "M", "G", "T"};
  size_t unit = 0;
  while (unit + 1 < kUnits.size() && bytes % 1024 == 0 && (bytes != 0 || unit == 0)) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format("{}{}", bytes, kUnits[unit]);
}

}  // namespace lintel
