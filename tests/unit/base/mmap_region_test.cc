// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/mmap_region.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

#include <gtest/gtest.h>

#include "vmm/base/types.h"
#include "vmm/base/unique_fd.h"

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

TEST(MmapRegion, Shared_mapping_lies_where_it_was_asked_for) {
  const UniqueFd file(memfd_create("file", MFD_CLOEXEC));
  const size_t page = host_page_size();
  ASSERT_EQ(ftruncate(file.get(), static_cast<off_t>(4 * page)), 0);
  const MmapRegion region = MmapRegion::shared(file.get(), page, 2 * page, PROT_READ | PROT_WRITE,
                                               {.alignment = 2 * kMiB, .remainder = 3 * page});
  EXPECT_EQ(reinterpret_cast<uintptr_t>(region.data()) % (2 * kMiB), 3 * page);
  EXPECT_EQ(region.size(), 2 * page);
  region.data()[page] = std::byte{0x5a};
  std::byte seen{};
  read_exactly(file.get(), std::span(&seen, 1), 2 * page);
  EXPECT_EQ(seen, std::byte{0x5a});
}

}  // namespace
}  // namespace lintel
