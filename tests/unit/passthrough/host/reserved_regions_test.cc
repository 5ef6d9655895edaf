// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/reserved_regions.h"

#include <gtest/gtest.h>

namespace lintel::passthrough::host {
namespace {

TEST(ReservedRegions, Lines_give_ranges_with_types) {
  const auto regions = parse_reserved_regions(
      "0x00000000bdf82000 0x00000000bdf84fff direct\n"
      "0x00000000fee00000 0x00000000feefffff msi\n"
      "0x000000fd00000000 0x000000ffffffffff reserved\n");
  ASSERT_EQ(regions.size(), 3u);
  EXPECT_EQ(regions[0].range, (GuestRange{GuestAddress(0xbdf82000), 0x3000}));
  EXPECT_EQ(regions[0].type, "direct");
  EXPECT_EQ(regions[2].range, (GuestRange{GuestAddress(0xfd00000000), 0x300000000}));
}

TEST(ReservedRegions, Lines_that_are_not_understood_are_left_out) {
  EXPECT_EQ(parse_reserved_regions("\nnonsense\n0x10 0x1\n0x10 0x1 msi\n"
                                   "0x0 0xffffffffffffffff msi\n0x0 0xfff msi")
                .size(),
            1u);
}

}  // namespace
}  // namespace lintel::passthrough::host
