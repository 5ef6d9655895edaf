// SPDX-License-Identifier: Apache-2.0
// Why the kernel may refuse to put devices under an IOMMU.
#pragma once

#include <optional>
#include <string>

#include "vmm/base/error.h"
#include "vmm/base/types.h"

namespace lintel::passthrough {

// A reserved region that bars the group from passthrough. `group`: its folder,
// /sys/kernel/iommu_groups/7. Without a value also if nothing can be read.
std::optional<GuestRange> unmovable_reserved_region(const std::string& group);

// The kernel refuses with EPERM to attach something to an IOMMU: says why, and what to do.
// `what`: "Cannot put VFIO group 7 under the IOMMU"; `module`: whose option takes the risk.
Error explain_attach_refusal(Error failure, const std::string& what, const std::string& group,
                             const char* module);

}  // namespace lintel::passthrough
