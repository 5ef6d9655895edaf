// SPDX-License-Identifier: Apache-2.0
// Where in the guest's physical address space things go when a host's IOMMU leaves holes in it.
// Pure arithmetic.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vmm/base/types.h"

namespace lintel {

// Every address: for machines without devices of the host.
inline constexpr GuestRange kAllAddresses{GuestAddress(0), UINT64_MAX};

// The addresses that are in both lists, which are sorted and disjoint each; so is the result.
std::vector<GuestRange> intersect(std::span<const GuestRange> a, std::span<const GuestRange> b);

// `size` bytes on the lowest addresses that are in both lists, in pieces that begin and end on
// multiples of `unit`. Throws Error that says how much fits.
std::vector<GuestRange> plan_ram(uint64_t size, std::span<const GuestRange> areas,
                                 std::span<const GuestRange> usable, uint64_t unit);

// The lowest part of `usable` inside `within` that begins on a multiple of `alignment` and has at
// least `least` bytes, and at most `most`; nothing if there is none.
std::optional<GuestRange> plan_window(GuestRange within, std::span<const GuestRange> usable,
                                      uint64_t least, uint64_t most, uint64_t alignment);

// Why there was no window of that many bytes above RAM, for an error that goes on from there.
std::string no_window_reason(uint64_t bytes, bool for_iommu);

}  // namespace lintel
