// SPDX-License-Identifier: Apache-2.0
#include "passthrough/region_split.h"

#include <gtest/gtest.h>

namespace lintel::passthrough {
namespace {

using Parts = std::vector<RegionPart>;

RegionInfo region(uint64_t size) {
  return {.size = size, .readable = true, .writable = true, .mappable = true};
}

TEST(RegionSplit, Whole_region_is_one_part) {
  EXPECT_EQ(mapped_parts(region(0x10000), {}, 0x1000), (Parts{{0, 0x10000}}));
}

TEST(RegionSplit, Nothing_of_a_region_that_cannot_be_mapped) {
  RegionInfo info = region(0x10000);
  info.mappable = false;
  EXPECT_EQ(mapped_parts(info, {}, 0x1000), Parts{});
}

TEST(RegionSplit, Tail_that_is_no_page_is_trapped) {
  EXPECT_EQ(mapped_parts(region(0x1800), {}, 0x1000), (Parts{{0, 0x1000}}));
  EXPECT_EQ(mapped_parts(region(0x800), {}, 0x1000), Parts{});
}

TEST(RegionSplit, Sparse_areas_leave_gaps) {
  RegionInfo info = region(0x10000);
  info.sparse = {{0x1000, 0x2000}, {0x8000, 0x1000}};
  EXPECT_EQ(mapped_parts(info, {}, 0x1000), (Parts{{0x1000, 0x2000}, {0x8000, 0x1000}}));
}

TEST(RegionSplit, Sparse_areas_off_the_page_grid_shrink_inwards) {
  RegionInfo info = region(0x10000);
  info.sparse = {{0x1010, 0x2ff0}, {0x8000, 0x1fff}, {0xc100, 0x800}};
  EXPECT_EQ(mapped_parts(info, {}, 0x1000), (Parts{{0x2000, 0x2000}, {0x8000, 0x1000}}));
}

TEST(RegionSplit, No_sparse_area_is_nothing_mapped) {
  RegionInfo info = region(0x10000);
  info.sparse = Parts{};
  EXPECT_EQ(mapped_parts(info, {}, 0x1000), Parts{});
}

TEST(RegionSplit, Adjacent_areas_are_joined) {
  RegionInfo info = region(0x10000);
  info.sparse = {{0x1000, 0x1000}, {0x2000, 0x1000}};
  EXPECT_EQ(mapped_parts(info, {}, 0x1000), (Parts{{0x1000, 0x2000}}));
}

TEST(RegionSplit, Every_page_that_the_hole_touches_is_trapped) {
  // A table of 0x20 bytes across the end of a page.
  EXPECT_EQ(mapped_parts(region(0x10000), Parts{{0x1ff0, 0x20}}, 0x1000),
            (Parts{{0, 0x1000}, {0x3000, 0xd000}}));
}

TEST(RegionSplit, Holes_at_both_ends_and_in_any_order) {
  EXPECT_EQ(mapped_parts(region(0x4000), Parts{{0x3000, 8}, {0, 16}}, 0x1000),
            (Parts{{0x1000, 0x2000}}));
  EXPECT_EQ(mapped_parts(region(0x4000), Parts{{0, 0x4000}, {0x1000, 8}}, 0x1000), Parts{});
}

TEST(RegionSplit, Empty_hole_is_none) {
  EXPECT_EQ(mapped_parts(region(0x4000), Parts{{0x1000, 0}}, 0x1000), (Parts{{0, 0x4000}}));
}

TEST(RegionSplit, Larger_host_pages_trap_more) {
  EXPECT_EQ(mapped_parts(region(0x40000), Parts{{0x2000, 0x100}}, 0x10000),
            (Parts{{0x10000, 0x30000}}));
}

}  // namespace
}  // namespace lintel::passthrough
