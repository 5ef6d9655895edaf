// SPDX-License-Identifier: Apache-2.0
#include "passthrough/region_split.h"

#include <algorithm>

#include "vmm/base/types.h"

namespace lintel::passthrough {
namespace {

// Adds [begin, end) without what is cut out.
void add_outside(uint64_t begin, uint64_t end, std::span<const RegionPart> cut_out,
                 uint64_t page_size, std::vector<RegionPart>& parts) {
  while (begin < end) {
    uint64_t stop = end;
    uint64_t resume = end;
    for (const RegionPart& hole : cut_out) {
      if (hole.size == 0) continue;
      const uint64_t from = align_down(hole.offset, page_size);
      const uint64_t to = align_up(hole.offset + hole.size, page_size);
      if (to <= begin || from >= stop) continue;
      stop = std::max(from, begin);
      resume = to;
    }
    if (stop > begin) {
      if (!parts.empty() && parts.back().offset + parts.back().size == begin) {
        parts.back().size += stop - begin;
      } else {
        parts.push_back({begin, stop - begin});
      }
    }
    begin = std::max(resume, stop);
  }
}

}  // namespace

std::vector<RegionPart> mapped_parts(const RegionInfo& region, std::span<const RegionPart> cut_out,
                                     uint64_t page_size) {
  std::vector<RegionPart> parts;
  if (!region.mappable) return parts;
  const std::vector<RegionPart> whole{{0, region.size}};
  for (const RegionPart& area : region.sparse ? *region.sparse : whole) {
    add_outside(align_up(area.offset, page_size), align_down(area.offset + area.size, page_size),
                cut_out, page_size, parts);
  }
  return parts;
}

}  // namespace lintel::passthrough
