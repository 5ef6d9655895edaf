// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/mmap_region.h"

#include <sys/mman.h>

#include <cstdint>

#include <gtest/gtest.h>

#include "vmm/base/types.h"

namespace lintel {
namespace {

TEST(MmapRegion, Anonymous_memory_has_the_alignment_that_was_asked_for) {
  for (const size_t alignment : {4 * kKiB, 16 * kKiB, 64 * kKiB, 2 * kMiB}) {
    const MmapRegion region = MmapRegion::anonymous(128 * kKiB, alignment);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(region.data()) % alignment, 0u);
    EXPECT_EQ(region.size(), 128 * kKiB);
    region.data()[0] = std::byte{1};
    region.data()[region.size() - 1] = std::byte{1};
  }
}

TEST(MmapRegion, Part_of_a_page_is_mapped_and_nothing_behind_it) {
  const size_t page = host_page_size();
  EXPECT_TRUE(is_power_of_two(page));
  const MmapRegion region = MmapRegion::anonymous(page + 1, 1);
  EXPECT_EQ(region.size(), page + 1);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(region.data()) % page, 0u);
  region.data()[page] = std::byte{1};
  // The kernel tells of pages that are mapped only.
  unsigned char resident = 0;
  EXPECT_EQ(mincore(region.data() + page, page, &resident), 0);
  EXPECT_EQ(mincore(region.data() + 2 * page, page, &resident), -1);
}

}  // namespace
}  // namespace lintel
