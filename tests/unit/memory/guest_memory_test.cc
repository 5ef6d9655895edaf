// SPDX-License-Identifier: Apache-2.0
#include "vmm/memory/guest_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fakes/guest_ram.h"
#include "vmm/base/error.h"

namespace lintel {
namespace {

constexpr uint64_t kLow = 0;
constexpr uint64_t kHigh = 4 * kGiB;
constexpr uint64_t kSize = 64 * kKiB;

class GuestMemoryTest : public testing::Test {
 protected:
  GuestMemory ram = make_guest_ram({{GuestAddress(kLow), kSize}, {GuestAddress(kHigh), kSize}});
};

TEST_F(GuestMemoryTest, Slice_reaches_to_the_last_byte_of_a_region_and_not_beyond) {
  EXPECT_EQ(ram.slice(GuestAddress(0), kSize).size(), kSize);
  EXPECT_EQ(ram.slice(GuestAddress(kSize - 1), 1).size(), 1u);
  EXPECT_TRUE(ram.slice(GuestAddress(kSize - 1), 2).empty());
  EXPECT_TRUE(ram.slice(GuestAddress(kSize), 1).empty());
  EXPECT_TRUE(ram.slice(GuestAddress(kHigh - 1), 2).empty());
  EXPECT_EQ(ram.slice(GuestAddress(kHigh), kSize).size(), kSize);
}

// The flags of the mapping that has the address (proc(5), smaps).
std::string flags_of(const std::byte* address) {
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    unsigned long first = 0;
    unsigned long end = 0;
    if (sscanf(line.c_str(), "%lx-%lx ", &first, &end) == 2) {
      const auto at = reinterpret_cast<uintptr_t>(address);
      inside = first <= at && at < end;
    } else if (inside && line.starts_with("VmFlags:")) {
      return line + " ";
    }
  }
  return {};
}

TEST_F(GuestMemoryTest, Children_and_core_dumps_get_none_of_it) {
  const std::string flags = flags_of(ram.slice(GuestAddress(0), kSize).data());
  EXPECT_NE(flags.find(" dc "), std::string::npos) << flags;
  EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
}

TEST_F(GuestMemoryTest, Populate_allocates_what_nobody_has_touched) {
  const auto resident = [](std::span<std::byte> memory) {
    std::vector<unsigned char> pages(memory.size() / host_page_size());
    EXPECT_EQ(mincore(memory.data(), memory.size(), pages.data()), 0);
    return std::all_of(pages.begin(), pages.end(),
                       [](unsigned char page) { return (page & 1) != 0; });
  };
  const auto low = ram.slice(GuestAddress(kLow), kSize);
  const auto high = ram.slice(GuestAddress(kHigh), kSize);
  low[kSize / 2] = std::byte{42};
  EXPECT_THROW(ram.populate([] { return true; }), Error);
  EXPECT_FALSE(resident(high));
  ram.populate([] { return false; });
  EXPECT_TRUE(resident(low));
  EXPECT_TRUE(resident(high));
  EXPECT_EQ(low[kSize / 2], std::byte{42});
}

TEST_F(GuestMemoryTest, Slice_of_hostile_sizes_is_empty) {
  EXPECT_TRUE(ram.slice(GuestAddress(0), 0).empty());
  EXPECT_TRUE(ram.slice(GuestAddress(16), UINT64_MAX).empty());
  EXPECT_TRUE(ram.slice(GuestAddress(UINT64_MAX), 1).empty());
  EXPECT_TRUE(ram.slice(GuestAddress(UINT64_MAX), UINT64_MAX).empty());
  EXPECT_TRUE(ram.slice(GuestAddress(kHigh), UINT64_MAX - kHigh + 2).empty());
}

TEST_F(GuestMemoryTest, Slices_are_views_of_the_same_memory) {
  ram.slice(GuestAddress(kHigh + 8), 1)[0] = std::byte{0x7e};
  EXPECT_EQ(ram.slice(GuestAddress(kHigh), 16)[8], std::byte{0x7e});
}

TEST_F(GuestMemoryTest, Objects_round_trip_and_do_not_cross_the_end) {
  const uint64_t value = 0x1122334455667788;
  EXPECT_TRUE(ram.write_object(GuestAddress(kSize - 8), value));
  uint64_t read = 0;
  EXPECT_TRUE(ram.read_object(GuestAddress(kSize - 8), read));
  EXPECT_EQ(read, value);
  EXPECT_FALSE(ram.write_object(GuestAddress(kSize - 7), uint64_t{0}));
  EXPECT_FALSE(ram.read_object(GuestAddress(kSize - 7), read));
  EXPECT_TRUE(ram.read_object(GuestAddress(kSize - 8), read));
  EXPECT_EQ(read, value);
}

TEST_F(GuestMemoryTest, Copies_of_nothing_succeed_anywhere) {
  EXPECT_TRUE(ram.read(GuestAddress(UINT64_MAX), {}));
  EXPECT_TRUE(ram.write(GuestAddress(UINT64_MAX), {}));
}

TEST_F(GuestMemoryTest, Total_is_the_sum_of_the_regions) {
  EXPECT_EQ(ram.total_bytes(), 2 * kSize);
  EXPECT_EQ(ram.regions().size(), 2u);
}

TEST(GuestMemory, Shared_memory_can_be_mapped_from_its_descriptor) {
  const std::array ranges = {GuestRange{GuestAddress(0), kSize}};
  const GuestMemory ram(ranges, {.huge_pages = HugePages::kOff, .shared = true, .prefault = true});
  const RamRegion& region = ram.regions()[0];
  ASSERT_TRUE(static_cast<bool>(region.memfd));
  const std::array text = {std::byte{'h'}, std::byte{'i'}};
  ASSERT_TRUE(ram.write(GuestAddress(100), text));
  std::array<std::byte, 2> read;
  read_exactly(region.memfd.get(), read, region.memfd_offset + 100);
  EXPECT_EQ(read, text);
}

TEST(GuestMemory, Whoever_has_the_memory_file_cannot_take_memory_away) {
  const std::array ranges = {GuestRange{GuestAddress(0), kSize}};
  const GuestMemory ram(ranges, {.huge_pages = HugePages::kOff, .shared = true, .prefault = false});
  const UniqueFd other = duplicate_fd(ram.regions()[0].memfd.get());
  EXPECT_NE(ftruncate(other.get(), 0), 0);
  EXPECT_NE(ftruncate(other.get(), 2 * kSize), 0);
  EXPECT_EQ(file_size(other.get()), kSize);
}

TEST(GuestMemory, Huge_pages_need_a_size_that_is_a_multiple) {
  const std::array ranges = {GuestRange{GuestAddress(0), 3 * kMiB}};
  try {
    GuestMemory ram(ranges, {.huge_pages = HugePages::k2MiB, .shared = false, .prefault = false});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.describe().find("not a multiple of the huge page size"), std::string::npos);
    EXPECT_FALSE(error.help().empty());
  }
}

TEST(GuestMemory, More_than_the_host_has_is_an_error_with_help) {
  const std::array ranges = {GuestRange{GuestAddress(0), 1ull << 60}};
  try {
    GuestMemory ram(ranges, {.huge_pages = HugePages::kOff, .shared = false, .prefault = false});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.help().find("memory.size"), std::string::npos) << error.describe();
  }
}

}  // namespace
}  // namespace lintel
