// SPDX-License-Identifier: Apache-2.0
// The list of capabilities behind a region's description ("VFIO region capabilities"; the layout is
// that of struct vfio_region_info in linux/vfio.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "passthrough/device.h"

namespace lintel::passthrough::user {

struct RegionCapabilities {
  std::optional<std::vector<RegionPart>> sparse;  // sorted, not overlapping, inside the region
  std::optional<RegionType> type;
  bool msix_mappable = false;
};

// `info`: the whole description, from which offsets count. `first`: of the first capability.
// Unknown ones are skipped. Throws Error for a loop, or an offset or count that leads outside.
RegionCapabilities parse_region_capabilities(std::span<const std::byte> info, uint32_t first,
                                             uint64_t region_size);

}  // namespace lintel::passthrough::user
