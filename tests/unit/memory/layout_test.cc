// SPDX-License-Identifier: Apache-2.0
#include "vmm/memory/layout.h"

#include <array>

#include <gtest/gtest.h>

namespace lintel {
namespace {

constexpr LayoutEntry entry(uint64_t base, uint64_t size) {
  return {"entry", {GuestAddress(base), size}};
}

TEST(Layout, Disjoint_entries_may_touch_and_come_in_any_order) {
  constexpr std::array entries = {entry(0x2000, 0x1000), entry(0, 0x1000), entry(0x1000, 0x1000)};
  static_assert(is_disjoint(entries));
  EXPECT_TRUE(is_disjoint(entries));
}

TEST(Layout, Overlap_of_one_byte_and_broken_ranges_are_seen) {
  EXPECT_FALSE(is_disjoint(std::array{entry(0, 0x1001), entry(0x1000, 1)}));
  EXPECT_FALSE(is_disjoint(std::array{entry(0, 0)}));
  EXPECT_FALSE(is_disjoint(std::array{entry(UINT64_MAX, 2)}));
}

}  // namespace
}  // namespace lintel
