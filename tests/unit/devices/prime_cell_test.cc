// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/prime_cell.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace lintel {
namespace {

uint64_t read(uint64_t offset, AccessSize size) {
  return prime_cell::read_words(
      offset, size, [](uint64_t at) { return 0x44332210u + static_cast<uint32_t>(at); });
}

using Written = std::vector<std::pair<uint64_t, uint32_t>>;
Written write(uint64_t offset, AccessSize size, uint64_t value) {
  Written written;
  prime_cell::write_words(offset, size, value,
                          [&](uint64_t at, uint32_t word) { written.emplace_back(at, word); });
  return written;
}

TEST(PrimeCell, Narrow_access_reaches_the_low_bits_of_its_register) {
  EXPECT_EQ(read(8, AccessSize::k1), 0x18u);
  EXPECT_EQ(read(8, AccessSize::k2), 0x2218u);
  EXPECT_EQ(read(8, AccessSize::k4), 0x44332218u);
  EXPECT_EQ(write(8, AccessSize::k1, 0x55), (Written{{8, 0x55}}));
  EXPECT_EQ(write(8, AccessSize::k2, 0x6655), (Written{{8, 0x6655}}));
}

TEST(PrimeCell, Access_that_starts_inside_of_a_register_does_nothing_there) {
  EXPECT_EQ(read(9, AccessSize::k1), 0u);
  EXPECT_EQ(read(10, AccessSize::k2), 0u);
  EXPECT_EQ(write(9, AccessSize::k2, 0xffff), Written{});
  EXPECT_EQ(read(10, AccessSize::k4), 0x221c0000u);
  EXPECT_EQ(write(10, AccessSize::k4, 0x87654321), (Written{{12, 0x8765}}));
}

TEST(PrimeCell, Wide_access_reaches_two_registers) {
  EXPECT_EQ(read(8, AccessSize::k8), 0x4433221c44332218u);
  EXPECT_EQ(write(8, AccessSize::k8, 0x0000000200000001), (Written{{8, 1}, {12, 2}}));
}

TEST(PrimeCell, Identification_is_a_byte_in_each_of_eight_registers) {
  EXPECT_EQ(prime_cell::read_id(0xfe0, 0x00141011), 0x11u);
  EXPECT_EQ(prime_cell::read_id(0xfe4, 0x00141011), 0x10u);
  EXPECT_EQ(prime_cell::read_id(0xfe8, 0x00141011), 0x14u);
  EXPECT_EQ(prime_cell::read_id(0xfec, 0x00141011), 0x00u);
  EXPECT_EQ(prime_cell::read_id(0xff0, 0x00141011), 0x0du);
  EXPECT_EQ(prime_cell::read_id(0xff4, 0x00141011), 0xf0u);
  EXPECT_EQ(prime_cell::read_id(0xff8, 0x00141011), 0x05u);
  EXPECT_EQ(prime_cell::read_id(0xffc, 0x00141011), 0xb1u);
}

}  // namespace
}  // namespace lintel
