// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/boot_memory.h"

#include <gtest/gtest.h>

#include "tests/unit/firmware/boot/kernel_builder.h"
#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

MemoryMapEntry entry(uint64_t base, uint64_t size, MemoryType type) {
  return {{GuestAddress(base), size}, type};
}

TEST(MemoryMap, cuts_reserved_ranges_out_of_ram) {
  const GuestMemory memory = make_memory(16 * kMiB, 8 * kMiB);
  const std::vector<MemoryMapEntry> reserved = {
      entry(0xb0000000, 256 * kMiB, MemoryType::kReserved),
      entry(0x9f000, 0x61000, MemoryType::kReserved),
      entry(15 * kMiB, 2 * kMiB, MemoryType::kAcpi),  // reaches over the end of RAM
  };
  const std::vector<MemoryMapEntry> expected = {
      entry(0, 0x9f000, MemoryType::kRam),
      entry(0x9f000, 0x61000, MemoryType::kReserved),
      entry(kMiB, 14 * kMiB, MemoryType::kRam),
      entry(15 * kMiB, 2 * kMiB, MemoryType::kAcpi),
      entry(0xb0000000, 256 * kMiB, MemoryType::kReserved),
      entry(4 * kGiB, 8 * kMiB, MemoryType::kRam),
  };
  EXPECT_EQ(make_memory_map(memory, reserved), expected);
}

TEST(MemoryMap, range_up_to_the_end_of_the_address_space_is_kept) {
  const GuestMemory memory = make_memory(kMiB);
  const std::vector<MemoryMapEntry> reserved = {
      entry(0xfffffffffff00000, kMiB, MemoryType::kReserved)};
  EXPECT_EQ(make_memory_map(memory, reserved).size(), 2u);
}

TEST(MemoryMap, overlapping_reserved_ranges_are_refused) {
  const GuestMemory memory = make_memory(kMiB);
  const std::vector<MemoryMapEntry> reserved = {entry(0x1000, 0x2000, MemoryType::kReserved),
                                                entry(0x2000, 0x1000, MemoryType::kNvs)};
  EXPECT_THROW(make_memory_map(memory, reserved), Error);
}

class FindHighest : public testing::Test {
 protected:
  std::vector<MemoryMapEntry> map_ = {entry(0, 0x10000, MemoryType::kRam),
                                      entry(0x10000, 0x10000, MemoryType::kReserved),
                                      entry(0x20000, 0x10000, MemoryType::kRam)};
};

TEST_F(FindHighest, takes_the_end_of_the_last_ram) {
  EXPECT_EQ(find_highest(map_, {}, {.size = 0x1800, .alignment = 0x1000}), GuestAddress(0x2e000));
}

TEST_F(FindHighest, goes_below_what_is_taken) {
  const GuestRange taken[] = {{GuestAddress(0x28000), 0x8000}, {GuestAddress(0x26000), 0x1000}};
  EXPECT_EQ(find_highest(map_, taken, {.size = 0x2000, .alignment = 0x1000}),
            GuestAddress(0x24000));
  EXPECT_EQ(find_highest(map_, taken, {.size = 0x1000, .alignment = 0x1000}),
            GuestAddress(0x27000));
}

TEST_F(FindHighest, respects_the_limits) {
  EXPECT_EQ(find_highest(map_, {}, {.size = 0x1000, .alignment = 0x1000, .highest = 0x20ffe}),
            GuestAddress(0xf000));
  EXPECT_EQ(find_highest(map_, {}, {.size = 0x1000, .lowest = 0x2f001}), std::nullopt);
  EXPECT_EQ(find_highest(map_, {}, {.size = 0x10001}), std::nullopt);
  EXPECT_EQ(find_highest(map_, {}, {.size = UINT64_MAX}), std::nullopt);
  EXPECT_EQ(find_highest(map_, {}, {.size = 0}), std::nullopt);
}

TEST_F(FindHighest, full_range_at_address_zero_ends_the_search) {
  const GuestRange taken[] = {{GuestAddress(0), 0x10000}, {GuestAddress(0x20000), 0x10000}};
  EXPECT_EQ(find_highest(map_, taken, {.size = 1}), std::nullopt);
}

TEST(RequireRam, names_the_numbers_and_the_remedy) {
  const std::vector<MemoryMapEntry> map = {entry(0, 32 * kMiB, MemoryType::kRam)};
  require_ram(map, {GuestAddress(16 * kMiB), 16 * kMiB}, "It");
  try {
    require_ram(map, {GuestAddress(16 * kMiB), 54 * kMiB}, "The kernel");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "The kernel needs 0x3600000 bytes of RAM at 0x1000000, but usable RAM there ends "
                 "at 0x2000000");
    EXPECT_EQ(error.help(), "set memory.size to at least \"70 MiB\"");
  }
}

TEST(Clear, leaves_fresh_memory_alone) {
  const GuestMemory memory = make_memory(kMiB);
  memory.write_object(GuestAddress(0x10), uint32_t{7});
  clear(memory, {GuestAddress(0), 0x1000}, RamState::kZeroed);
  EXPECT_EQ(get_value<uint32_t>(memory, 0x10), 7u);
  clear(memory, {GuestAddress(0), 0x1000}, RamState::kUsed);
  EXPECT_EQ(get_value<uint32_t>(memory, 0x10), 0u);
}

}  // namespace
}  // namespace lintel::boot
