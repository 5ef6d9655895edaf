// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/types.h"

#include <array>

#include <gtest/gtest.h>

#include "vmm/base/endian.h"

namespace lintel {
namespace {

constexpr GuestRange range(uint64_t base, uint64_t size) {
  return {GuestAddress(base), size};
}

TEST(GuestRange, Contains_an_address_up_to_its_last) {
  constexpr GuestRange r = range(0x1000, 0x100);
  EXPECT_TRUE(r.contains(GuestAddress(0x1000)));
  EXPECT_TRUE(r.contains(GuestAddress(0x10ff)));
  EXPECT_FALSE(r.contains(GuestAddress(0x1100)));
  EXPECT_FALSE(r.contains(GuestAddress(0xfff)));
  EXPECT_FALSE(range(0x1000, 0).contains(GuestAddress(0x1000)));
}

TEST(GuestRange, Contains_an_access_only_whole) {
  constexpr GuestRange r = range(0x1000, 0x100);
  EXPECT_TRUE(r.contains(GuestAddress(0x10f8), 8));
  EXPECT_FALSE(r.contains(GuestAddress(0x10f9), 8));
  EXPECT_FALSE(r.contains(GuestAddress(0xfff), 2));
  EXPECT_TRUE(r.contains(GuestAddress(0x1100), 0));
  EXPECT_FALSE(r.contains(GuestAddress(0x1001), UINT64_MAX));
}

TEST(GuestRange, Top_of_the_address_space_does_not_wrap) {
  constexpr GuestRange top = range(UINT64_MAX - 0xfff, 0x1000);
  EXPECT_TRUE(top.valid());
  EXPECT_EQ(top.last(), UINT64_MAX);
  EXPECT_TRUE(top.contains(GuestAddress(UINT64_MAX)));
  EXPECT_TRUE(top.contains(GuestAddress(UINT64_MAX), 1));
  EXPECT_FALSE(top.contains(GuestAddress(UINT64_MAX), 2));
  EXPECT_FALSE(top.overlaps(range(0, 0x1000)));
  EXPECT_FALSE(range(UINT64_MAX - 0xfff, 0x1001).valid());
  EXPECT_FALSE(range(0, 0).valid());
  EXPECT_TRUE(range(0, UINT64_MAX).valid());
}

TEST(GuestRange, Overlaps_by_a_single_byte_and_not_by_touching) {
  EXPECT_TRUE(range(0x1000, 0x100).overlaps(range(0x10ff, 1)));
  EXPECT_FALSE(range(0x1000, 0x100).overlaps(range(0x1100, 1)));
  EXPECT_TRUE(range(0x1000, 0x100).overlaps(range(0, UINT64_MAX)));
  EXPECT_FALSE(range(0x1000, 0).overlaps(range(0, UINT64_MAX)));
}

TEST(AccessSize, Only_powers_of_two_up_to_eight_exist) {
  EXPECT_EQ(access_size(4), AccessSize::k4);
  EXPECT_EQ(access_size(0), std::nullopt);
  EXPECT_EQ(access_size(3), std::nullopt);
  EXPECT_EQ(access_size(16), std::nullopt);
  EXPECT_EQ(all_ones(AccessSize::k1), 0xffu);
  EXPECT_EQ(all_ones(AccessSize::k8), UINT64_MAX);
}

TEST(Alignment, Rounds_to_powers_of_two) {
  EXPECT_EQ(align_down(0x1fff, 0x1000), 0x1000u);
  EXPECT_EQ(align_up(0x1001, 0x1000), 0x2000u);
  EXPECT_EQ(align_up(0x1000, 0x1000), 0x1000u);
  EXPECT_TRUE(is_power_of_two(1ull << 63));
  EXPECT_FALSE(is_power_of_two(0));
  EXPECT_FALSE(is_power_of_two(6));
}

TEST(Endian, Loads_and_stores_unaligned_in_both_orders) {
  std::array<uint8_t, 9> bytes{};
  store_le(&bytes[1], uint32_t{0x12345678});
  EXPECT_EQ(bytes[1], 0x78);
  EXPECT_EQ(load_be<uint32_t>(&bytes[1]), 0x78563412u);
  store_be(&bytes[1], uint64_t{0x0102030405060708});
  EXPECT_EQ(bytes[1], 1);
  EXPECT_EQ(bytes[8], 8);
  EXPECT_EQ(load_le_bytes(&bytes[1], 3), 0x030201u);
  store_le_bytes(&bytes[0], 0xaabbcc, 2);
  EXPECT_EQ(bytes[1], 0xbb);
  EXPECT_EQ(bytes[2], 2);
}

}  // namespace
}  // namespace lintel
