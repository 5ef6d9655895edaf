// SPDX-License-Identifier: Apache-2.0
#include "vmm/memory/address_plan.h"

#include <algorithm>

#include "vmm/base/error.h"

namespace lintel {

std::vector<GuestRange> intersect(std::span<const GuestRange> a, std::span<const GuestRange> b) {
  std::vector<GuestRange> both;
  for (const GuestRange& left : a) {
    for (const GuestRange& right : b) {
      if (!left.overlaps(right)) continue;
      const uint64_t first = std::max(left.base.value, right.base.value);
      const uint64_t last = std::min(left.last(), right.last());
      // A range of all addresses has no size in 64 bits.
      both.push_back({GuestAddress(first), std::min(last - first, UINT64_MAX - 1) + 1});
    }
  }
  return both;
}

std::vector<GuestRange> plan_ram(uint64_t size, std::span<const GuestRange> areas,
                                 std::span<const GuestRange> usable, uint64_t unit) {
  std::vector<GuestRange> pieces;
  uint64_t left = size;
  for (const GuestRange& room : intersect(areas, usable)) {
    const uint64_t begin = align_up(room.base.value, unit);
    const uint64_t end = align_down(room.last(), unit) + (room.end() % unit == 0 ? unit : 0);
    if (begin < room.base.value || end <= begin) continue;
    const uint64_t taken = std::min(left, end - begin);
    if (taken != 0) pieces.push_back({GuestAddress(begin), taken});
    left -= taken;
  }
  if (left != 0) {
    throw Error(fmt::format("There are {:#x} bytes of RAM to place, and guest addresses for {:#x}",
                            size, size - left))
        .with_help(
            "set memory.size lower: the rest does not fit the addresses of the host's CPU "
            "and IOMMU");
  }
  return pieces;
}

std::optional<GuestRange> plan_window(GuestRange within, std::span<const GuestRange> usable,
                                      uint64_t least, uint64_t most, uint64_t alignment) {
  for (const GuestRange& room : intersect(std::span(&within, 1), usable)) {
    const uint64_t begin = align_up(room.base.value, alignment);
    if (begin < room.base.value || begin > room.last()) continue;
    const uint64_t size = std::min(room.last() - begin, UINT64_MAX - 1) + 1;
    if (size >= least && size != 0) return GuestRange{GuestAddress(begin), std::min(size, most)};
  }
  return std::nullopt;
}

std::string no_window_reason(uint64_t bytes, bool for_iommu) {
  return for_iommu ? fmt::format(
                         "passthrough.peer_to_peer wants BARs where the host's IOMMU "
                         "translates, and it has no room for {:#x} bytes above the "
                         "guest's RAM",
                         bytes)
                   : fmt::format(
                         "the host's CPU has no addresses for {:#x} bytes above the "
                         "guest's RAM",
                         bytes);
}

}  // namespace lintel
