// SPDX-License-Identifier: Apache-2.0
#include "passthrough/typed_region.h"

#include <algorithm>

namespace lintel::passthrough {
namespace {

// Drivers have a handful; a server may claim any number, and each is a question to it.
constexpr uint32_t kMostTyped = 64;

}  // namespace

std::optional<RegionInfo> find_typed_region(Device& device, const RegionType& type) {
  const uint32_t end = std::min(device.info().regions, pci_region::kFirstTyped + kMostTyped);
  for (uint32_t index = pci_region::kFirstTyped; index < end; ++index) {
    RegionInfo region = device.region(index);
    if (region.size != 0 && region.type == type) return region;
  }
  return std::nullopt;
}

}  // namespace lintel::passthrough
