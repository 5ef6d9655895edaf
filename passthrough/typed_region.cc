// SPDX-License-Identifier: Apache-2.0
#include "passthrough/typed_region.h"

#include <algorithm>
#include <utility>

namespace lintel::passthrough {
namespace {

// Drivers have a handful; a server may claim any number, and each is a question to it.
constexpr uint32_t kMostTyped = 64;

}  // namespace

std::vector<RegionInfo> typed_regions(Device& device) {
  std::vector<RegionInfo> found;
  const uint32_t end = std::min(device.info().regions, pci_region::kFirstTyped + kMostTyped);
  for (uint32_t index = pci_region::kFirstTyped; index < end; ++index) {
    RegionInfo region = device.region(index);
    if (region.size != 0 && region.type) found.push_back(std::move(region));
  }
  return found;
}

std::optional<RegionInfo> find_typed_region(Device& device, const RegionType& type) {
  for (RegionInfo& region : typed_regions(device)) {
    if (region.type == type) return std::move(region);
  }
  return std::nullopt;
}

}  // namespace lintel::passthrough
