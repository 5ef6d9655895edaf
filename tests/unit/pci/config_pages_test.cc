// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/config_pages.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/fakes/page_sizes.h"
#include "vmm/base/error.h"

namespace lintel::pci {
namespace {

bool all_are(const std::byte* from, size_t size, std::byte value) {
  return std::all_of(from, from + size, [&](std::byte byte) { return byte == value; });
}

TEST(ConfigPages, PagesThatHoldNoWholeFunctions_areRefused) {
  EXPECT_THROW(ConfigPages(32, 2 * kKiB), Error);
  EXPECT_THROW(ConfigPages(32, 12 * kKiB), Error);
}

// With pages of the host of 4, 16 and 64 KiB.
class ConfigPagesOf : public testing::TestWithParam<size_t> {
 protected:
  const size_t page_size = GetParam();
  ConfigPages pages{32, page_size};
};

TEST_P(ConfigPagesOf, PlacesWithoutAFunction_areHoles) {
  EXPECT_TRUE(pages.runs({}).empty());
}

TEST_P(ConfigPagesOf, Function_isAtItsPlaceAndReadsWhatWasWritten) {
  const ConfigStorage storage = pages.add(Devfn(2, 1));
  EXPECT_TRUE(all_are(storage.data(), storage.size(), std::byte{0}));
  storage[0] = std::byte{0x55};
  const auto runs = pages.runs({});
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].offset, align_down(0x11000, page_size));
  EXPECT_EQ(runs[0].size, page_size);
  EXPECT_EQ(runs[0].host[0x11000 - runs[0].offset], std::byte{0x55});
}

TEST_P(ConfigPagesOf, RemovedFunction_leavesAHoleAndNothingToTheNext) {
  pages.add(Devfn(2, 1))[0] = std::byte{0x55};
  pages.remove(Devfn(2, 1));
  EXPECT_TRUE(pages.runs({}).empty());
  EXPECT_EQ(pages.add(Devfn(2, 1))[0], std::byte{0});
}

TEST_P(ConfigPagesOf, NeighboursInOnePage_keepTheirOwnBytes) {
  const ConfigStorage first = pages.add(Devfn(0, 0));
  first[0] = std::byte{0x11};
  const ConfigStorage third = pages.add(Devfn(0, 2));
  EXPECT_TRUE(all_are(third.data(), third.size(), std::byte{0}));
  third[0] = std::byte{0x33};
  EXPECT_EQ(first[0], std::byte{0x11});
  if (page_size > kConfigSize) {
    const std::byte* const base = pages.runs({})[0].host;
    EXPECT_TRUE(all_are(base + kConfigSize, kConfigSize, std::byte{0xff}));
    EXPECT_TRUE(all_are(base + 3 * kConfigSize, kConfigSize, std::byte{0xff}));
    pages.remove(Devfn(0, 0));
    EXPECT_TRUE(all_are(base, 2 * kConfigSize, std::byte{0xff}));
  }
  EXPECT_EQ(third[0], std::byte{0x33});
}

TEST_P(ConfigPagesOf, Runs_areWholePagesWithAFunctionAndWithoutATrappedOne) {
  const std::vector<Devfn> there{Devfn(0, 0), Devfn(0, 3), Devfn(1, 0), Devfn(7, 7), Devfn(31, 7)};
  const std::vector<Devfn> trapped{Devfn(0, 3), Devfn(31, 7)};
  for (const Devfn devfn : there) pages.add(devfn);
  const auto page_of = [&](size_t place) { return place * kConfigSize / page_size; };
  const auto shares_page = [&](const std::vector<Devfn>& functions, size_t place) {
    return std::any_of(functions.begin(), functions.end(),
                       [&](Devfn devfn) { return page_of(devfn.value) == page_of(place); });
  };
  const auto runs = pages.runs(trapped);
  for (size_t place = 0; place < 256; ++place) {
    const auto covers = [&](const ConfigPages::Run& run) {
      return place * kConfigSize >= run.offset && place * kConfigSize < run.offset + run.size;
    };
    const bool mapped = shares_page(there, place) && !shares_page(trapped, place);
    EXPECT_EQ(std::count_if(runs.begin(), runs.end(), covers), mapped ? 1 : 0) << place;
  }
  for (const ConfigPages::Run& run : runs) {
    EXPECT_EQ(run.offset % page_size, 0u);
    EXPECT_EQ(run.size % page_size, 0u);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(run.host) % page_size, 0u);
  }
}

TEST_P(ConfigPagesOf, OneDeviceOnALink_andPlacesThatFillItsPageUp) {
  ConfigPages link(1, page_size);
  link.add(Devfn(0, 7));
  EXPECT_THROW(link.add(Devfn(1, 0)), Error);
  const auto runs = link.runs({});
  ASSERT_EQ(runs.size(), 1u);
  const uint64_t end = runs[0].offset + runs[0].size;
  EXPECT_EQ(end, align_up(8 * kConfigSize, page_size));
  EXPECT_TRUE(all_are(runs[0].host + 8 * kConfigSize - runs[0].offset, end - 8 * kConfigSize,
                      std::byte{0xff}));
}

INSTANTIATE_TEST_SUITE_P(HostPages, ConfigPagesOf, testing::ValuesIn(host_page_sizes()));

}  // namespace
}  // namespace lintel::pci
