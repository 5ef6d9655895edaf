// SPDX-License-Identifier: Apache-2.0
// Which parts of a region the guest touches directly, and which exit. Pure arithmetic.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "passthrough/device.h"

namespace lintel::passthrough {

// The parts to map: whole pages of `page_size`, sorted, not overlapping, adjacent ones joined.
// Everything else is trapped: the gaps between sparse areas, pages that are only in part mappable,
// and every page that one of `cut_out` touches (the MSI-X table, whatever the kernel says of it).
std::vector<RegionPart> mapped_parts(const RegionInfo& region, std::span<const RegionPart> cut_out,
                                     uint64_t page_size);

}  // namespace lintel::passthrough
