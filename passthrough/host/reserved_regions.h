// SPDX-License-Identifier: Apache-2.0
// What the kernel says of the addresses that a group's devices must not use for DMA
// (Documentation/ABI/testing/sysfs-kernel-iommu_groups, reserved_regions).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vmm/base/types.h"

namespace lintel::passthrough::host {

struct ReservedRegion {
  GuestRange range;
  std::string type;  // "direct", "direct-relaxable", "reserved", "msi"

  // It must stay mapped one to one, which bars the group from passthrough (an RMRR that is not
  // relaxable).
  bool is_unmovable() const { return type == "direct"; }
  // Guests must not have RAM there; not so where only a device without a driver uses it.
  bool bars_ram() const { return type != "direct-relaxable"; }
};

// Lines that are not understood are left out.
std::vector<ReservedRegion> parse_reserved_regions(std::string_view text);

}  // namespace lintel::passthrough::host
