// SPDX-License-Identifier: Apache-2.0
#include "passthrough/reserved_regions.h"

#include <sstream>
#include <utility>

#include "vmm/base/error.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough {

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

std::optional<GuestRange> unmovable_reserved_region(const std::string& groups, uint32_t group) {
  try {
    const std::string path = fmt::format("{}/{}/reserved_regions", groups, group);
    for (const ReservedRegion& region : parse_reserved_regions(read_whole_file(path))) {
      if (region.type == "direct") return region.range;
    }
    return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;  // only an explanation is missing then
  }
}

}  // namespace lintel::passthrough
