// SPDX-License-Identifier: Apache-2.0
#include "vmm/memory/populate.h"

#include <sys/mman.h>

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fakes/manual_clock.h"
#include "vmm/base/error.h"
#include "vmm/base/mmap_region.h"

namespace lintel {
namespace {

size_t resident_pages(const MmapRegion& region) {
  std::vector<unsigned char> pages(region.size() / host_page_size());
  EXPECT_EQ(mincore(region.data(), region.size(), pages.data()), 0);
  return static_cast<size_t>(std::count_if(pages.begin(), pages.end(),
                                           [](unsigned char page) { return (page & 1) != 0; }));
}

TEST(Populate, Memory_isThereWhateverTheThreadsAndPieces) {
  const uint64_t page = host_page_size();
  for (const unsigned threads : {1u, 3u, 99u}) {
    for (const uint64_t piece : {page, 3 * page, 1000 * page}) {
      MmapRegion region = MmapRegion::anonymous(16 * page, page);
      ASSERT_EQ(resident_pages(region), 0u);
      uint64_t last = 0;
      populate(
          {region.data(), region.size()},
          {.threads = threads, .piece = piece, .progress = [&](uint64_t done) { last = done; }});
      EXPECT_EQ(resident_pages(region), 16u) << threads << ' ' << piece;
      EXPECT_LE(last, region.size());
      if (threads == 1) {
        EXPECT_EQ(last, region.size());
      }
    }
  }
}

TEST(Populate, MemoryThatCannotBe_isAnError) {
  const uint64_t page = host_page_size();
  MmapRegion region = MmapRegion::anonymous(16 * page, page);
  ASSERT_EQ(munmap(region.data() + 7 * page, page), 0);
  EXPECT_THROW(populate({region.data(), region.size()}, {.threads = 3, .piece = page}), Error);
}

TEST(Populate, Content_stays) {
  const uint64_t page = host_page_size();
  MmapRegion region = MmapRegion::anonymous(4 * page, page);
  region.data()[page] = std::byte{42};
  populate({region.data(), region.size()}, {.piece = page});
  EXPECT_EQ(region.data()[page], std::byte{42});
}

TEST(Populate, PagesThatAreTouched_areThereAndKeepTheirContent) {
  const uint64_t page = host_page_size();
  MmapRegion region = MmapRegion::anonymous(4 * page, page);
  region.data()[page] = std::byte{42};
  touch_pages({region.data(), region.size()});
  EXPECT_EQ(resident_pages(region), 4u);
  EXPECT_EQ(region.data()[page], std::byte{42});
}

TEST(Populate, CancelledOne_endsAtTheNextPiece) {
  const uint64_t page = host_page_size();
  MmapRegion region = MmapRegion::anonymous(16 * page, page);
  unsigned asked = 0;
  EXPECT_THROW(populate({region.data(), region.size()},
                        {.piece = page, .cancelled = [&] { return ++asked == 5; }}),
               Error);
  EXPECT_EQ(resident_pages(region), 4u);
}

TEST(ProgressTest, Told_everyFewSeconds) {
  ManualClock clock;
  std::vector<uint64_t> told;
  Progress progress(clock, [&](uint64_t done) { told.push_back(done); });
  for (uint64_t i = 1; i <= 5; ++i) {
    clock.advance(std::chrono::seconds(1));
    progress.at(i);
  }
  EXPECT_EQ(told, (std::vector<uint64_t>{2, 4}));
}

}  // namespace
}  // namespace lintel
