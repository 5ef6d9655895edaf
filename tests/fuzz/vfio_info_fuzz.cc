// SPDX-License-Identifier: Apache-2.0
// Replies of a VFIO driver, or of another process that plays one: whatever they say, what is made
// of them keeps the promises of passthrough/device.h and dma.h. The first byte picks the structure.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "passthrough/uapi/vfio.h"
#include "vmm/base/error.h"

namespace lintel::passthrough {
namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void check_region(std::span<const std::byte> bytes) {
  const RegionInfo info = uapi::parse_region(bytes).info;
  if (!info.sparse) return;
  uint64_t free_from = 0;
  for (const RegionPart& part : *info.sparse) {
    check(part.size != 0 && part.offset >= free_from && part.offset <= info.size &&
          part.size <= info.size - part.offset);
    free_from = part.offset + part.size;
  }
}

void check_iommu(std::span<const std::byte> bytes) {
  const DmaGeometry geometry = uapi::parse_iommu(bytes);
  check(geometry.page_sizes != 0);
  const GuestRange* previous = nullptr;
  for (const GuestRange& range : geometry.usable) {
    check(range.valid() && (previous == nullptr || previous->last() < range.base.value));
    previous = &range;
  }
}

}  // namespace
}  // namespace lintel::passthrough

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
  try {
    if ((data[0] & 1) != 0) {
      lintel::passthrough::check_region(bytes);
    } else {
      lintel::passthrough::check_iommu(bytes);
    }
  } catch (const lintel::Error&) {
    // Malformed, and told so.
  }
  return 0;
}
