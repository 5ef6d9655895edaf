// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/range_map.h"

#include <gtest/gtest.h>

namespace lintel {
namespace {

constexpr GuestRange range(uint64_t base, uint64_t size) {
  return {GuestAddress(base), size};
}
constexpr GuestRange kEverywhere = range(0, UINT64_MAX);

TEST(RangeMap, Finds_the_range_that_holds_an_address) {
  RangeMap<int> map;
  EXPECT_TRUE(map.insert(range(0x2000, 0x10), 2));
  EXPECT_TRUE(map.insert(range(0x1000, 0x10), 1));
  EXPECT_EQ(map.find(GuestAddress(0xfff)), nullptr);
  ASSERT_NE(map.find(GuestAddress(0x1000)), nullptr);
  EXPECT_EQ(map.find(GuestAddress(0x100f))->value, 1);
  EXPECT_EQ(map.find(GuestAddress(0x1010)), nullptr);
  EXPECT_EQ(map.find(GuestAddress(0x2005))->value, 2);
  EXPECT_EQ(map.find(GuestAddress(UINT64_MAX)), nullptr);
}

TEST(RangeMap, Refuses_overlaps_from_below_above_and_inside) {
  RangeMap<int> map;
  EXPECT_TRUE(map.insert(range(0x1000, 0x100), 1));
  EXPECT_FALSE(map.insert(range(0x0fff, 2), 2));
  EXPECT_FALSE(map.insert(range(0x10ff, 2), 2));
  EXPECT_FALSE(map.insert(range(0x1010, 1), 2));
  EXPECT_FALSE(map.insert(range(0x1000, 0x100), 2));
  EXPECT_FALSE(map.insert(kEverywhere, 2));
  EXPECT_FALSE(map.insert(range(0x5000, 0), 2));
  EXPECT_FALSE(map.insert(range(UINT64_MAX, 2), 2));
  EXPECT_TRUE(map.insert(range(0x0fff, 1), 2));
  EXPECT_TRUE(map.insert(range(0x1100, 1), 3));
  EXPECT_EQ(map.entries().size(), 3u);
  EXPECT_EQ(map.find(GuestAddress(0x1010))->value, 1);
}

TEST(RangeMap, Range_at_the_very_top_is_found_and_guarded) {
  RangeMap<int> map;
  EXPECT_TRUE(map.insert(range(UINT64_MAX - 0xf, 0x10), 1));
  EXPECT_EQ(map.find(GuestAddress(UINT64_MAX))->value, 1);
  EXPECT_FALSE(map.insert(range(UINT64_MAX, 1), 2));
}

TEST(RangeMap, Erases_the_exact_range_only) {
  RangeMap<int> map;
  map.insert(range(0x1000, 0x100), 1);
  EXPECT_FALSE(map.erase(range(0x1000, 0x80)));
  EXPECT_FALSE(map.erase(range(0x1001, 0xff)));
  EXPECT_TRUE(map.erase(range(0x1000, 0x100)));
  EXPECT_EQ(map.find(GuestAddress(0x1000)), nullptr);
}

}  // namespace
}  // namespace lintel
