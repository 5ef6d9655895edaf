// SPDX-License-Identifier: Apache-2.0
// What the kernel says of the addresses that a group's devices must not use for DMA
// (Documentation/ABI/testing/sysfs-kernel-iommu_groups, reserved_regions).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vmm/base/error.h"
#include "vmm/base/types.h"

namespace lintel::passthrough {

struct ReservedRegion {
  GuestRange range;
  std::string type;  // "direct", "direct-relaxable", "reserved", "msi"
};

// Lines that are not understood are left out.
std::vector<ReservedRegion> parse_reserved_regions(std::string_view text);

// One that must stay mapped one to one, which bars the group from passthrough (an RMRR that is not
// relaxable). `group`: its folder, /sys/kernel/iommu_groups/7. Without a value also if nothing can
// be read.
std::optional<GuestRange> unmovable_reserved_region(const std::string& group);

// The kernel refuses with EPERM to attach something to an IOMMU: says why, and what to do.
// `what`: "Cannot put VFIO group 7 under the IOMMU"; `module`: whose option takes the risk.
Error explain_attach_refusal(Error failure, const std::string& what, const std::string& group,
                             const char* module);

}  // namespace lintel::passthrough
