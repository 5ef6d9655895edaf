// SPDX-License-Identifier: Apache-2.0
#include "passthrough/user/region_capabilities.h"

#include <algorithm>
#include <cstring>

#include "passthrough/capability_chain.h"
#include "passthrough/user/protocol.h"
#include "vmm/base/error.h"

namespace lintel::passthrough::user {
namespace {

// What lies behind a capability's header must hold a T, which is taken off its front.
template <typename T>
T take(std::span<const std::byte>& rest, uint16_t id) {
  if (rest.size() < sizeof(T)) throw_error("Capability {} is cut off", id);
  T value;
  std::memcpy(&value, rest.data(), sizeof value);
  rest = rest.subspan(sizeof value);
  return value;
}

std::vector<RegionPart> parse_sparse(std::span<const std::byte> rest, uint64_t region_size) {
  const auto head = take<SparseMmapHead>(rest, kCapabilitySparseMmap);
  if (head.count > rest.size() / sizeof(SparseMmapArea)) {
    throw_error("{} mappable areas do not fit in the {} bytes that are left", head.count,
                rest.size());
  }
  std::vector<RegionPart> areas;
  for (uint32_t i = 0; i < head.count; ++i) {
    const auto area = take<SparseMmapArea>(rest, kCapabilitySparseMmap);
    if (area.offset > region_size || area.size > region_size - area.offset) {
      throw_error("The mappable area [{:#x}, +{:#x}) is not inside the region of {:#x} bytes",
                  area.offset, area.size, region_size);
    }
    if (area.size != 0) areas.push_back({area.offset, area.size});
  }
  std::sort(areas.begin(), areas.end(),
            [](const RegionPart& a, const RegionPart& b) { return a.offset < b.offset; });
  for (size_t i = 1; i < areas.size(); ++i) {
    if (areas[i - 1].offset + areas[i - 1].size > areas[i].offset) {
      throw_error("Two mappable areas overlap at {:#x}", areas[i].offset);
    }
  }
  return areas;
}

}  // namespace

RegionCapabilities parse_region_capabilities(std::span<const std::byte> info, uint32_t first,
                                             uint64_t region_size) {
  RegionCapabilities capabilities;
  for (Capability& capability : capability_chain(info, sizeof(RegionInfoMessage), first)) {
    switch (capability.id) {
      case kCapabilitySparseMmap:
        capabilities.sparse = parse_sparse(capability.data, region_size);
        break;
      case kCapabilityType:
        capabilities.type = take<RegionType>(capability.data, capability.id);
        break;
      case kCapabilityMsixMappable: capabilities.msix_mappable = true; break;
      default: break;
    }
  }
  return capabilities;
}

}  // namespace lintel::passthrough::user
