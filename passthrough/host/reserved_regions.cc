// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/reserved_regions.h"

#include <cstdint>
#include <sstream>
#include <utility>

namespace lintel::passthrough::host {

std::vector<ReservedRegion> parse_reserved_regions(std::string_view text) {
  std::vector<ReservedRegion> regions;
  std::istringstream lines{std::string(text)};
  std::string line;
  while (std::getline(lines, line)) {
    // "0x00000000fee00000 0x00000000feefffff msi"
    std::istringstream words(line);
    uint64_t first = 0;
    uint64_t last = 0;
    std::string type;
    if (!(words >> std::hex >> first >> last >> type) || first > last) continue;
    const GuestRange range{GuestAddress(first), last - first + 1};
    if (range.valid()) regions.push_back({range, std::move(type)});
  }
  return regions;
}

}  // namespace lintel::passthrough::host
