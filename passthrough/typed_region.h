// SPDX-License-Identifier: Apache-2.0
// Regions beyond those that each PCI device has: the driver's own, told apart by their type
// (linux/vfio.h: VFIO_REGION_TYPE_*, VFIO_REGION_SUBTYPE_*).
#pragma once

#include <optional>
#include <vector>

#include "passthrough/device.h"

namespace lintel::passthrough {

// The first of this type; nothing if the device has none. Throws Error.
std::optional<RegionInfo> find_typed_region(Device& device, const RegionType& type);

// All that have a type. Throws Error.
std::vector<RegionInfo> typed_regions(Device& device);

}  // namespace lintel::passthrough
