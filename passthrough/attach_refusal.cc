// SPDX-License-Identifier: Apache-2.0
#include "passthrough/attach_refusal.h"

#include <utility>

#include "passthrough/host/reserved_regions.h"
#include "vmm/base/error.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough {

std::optional<GuestRange> unmovable_reserved_region(const std::string& group) {
  try {
    const std::string text = read_whole_file(group + "/reserved_regions");
    for (const host::ReservedRegion& region : host::parse_reserved_regions(text)) {
      if (region.is_unmovable()) return region.range;
    }
    return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;  // only an explanation is missing then
  }
}

Error explain_attach_refusal(Error failure, const std::string& what, const std::string& group,
                             const char* module) {
  if (const auto direct = unmovable_reserved_region(group)) {
    return std::move(failure)
        .with_context(fmt::format("{}: the firmware keeps [{:#x}, {:#x}] for a device of it (RMRR)",
                                  what, direct->base.value, direct->last()))
        .with_help(
            "such a device cannot be passed through; another slot, or a setting of the "
            "firmware (often \"shared memory\" of the device) may free it");
  }
  return std::move(failure)
      .with_context(what + ": its interrupts are not isolated (no interrupt remapping)")
      .with_help(fmt::format("turn interrupt remapping on in the firmware (VT-d or AMD-Vi; "
                             "intremap=on for an emulated one); if you trust the guest, "
                             "`modprobe {} allow_unsafe_interrupts=1`",
                             module));
}

}  // namespace lintel::passthrough
