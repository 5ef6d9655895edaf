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

TEST(ConfigPages, PlacesWithoutAFunction_readOnes) {
  const AbsentPage absent(host_page_size());
  const ConfigPages pages(absent, 32);
  const auto runs = pages.runs({});
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].offset, 0u);
  EXPECT_EQ(runs[0].size, 1u << 20);
  EXPECT_TRUE(all_are(runs[0].host, runs[0].size, std::byte{0xff}));
}

TEST(ConfigPages, Function_isAtItsPlaceAndReadsWhatWasWritten) {
  const AbsentPage absent(host_page_size());
  ConfigPages pages(absent, 32);
  const ConfigStorage storage = pages.add(Devfn(2, 1));
  EXPECT_TRUE(all_are(storage.data(), storage.size(), std::byte{0}));
  storage[0] = std::byte{0x55};
  const std::byte* const base = pages.runs({})[0].host;
  EXPECT_EQ(base[Devfn(2, 1).value * 4096], std::byte{0x55});
  EXPECT_EQ(base[Devfn(2, 2).value * 4096], std::byte{0xff});
  pages.remove(Devfn(2, 1));
  EXPECT_TRUE(all_are(base + Devfn(2, 1).value * 4096, 4096, std::byte{0xff}));
}

TEST(ConfigPages, SecondDeviceOnALink_isRefused) {
  const AbsentPage absent(host_page_size());
  ConfigPages pages(absent, 1);
  EXPECT_NO_THROW(pages.add(Devfn(0, 7)));
  EXPECT_THROW(pages.add(Devfn(1, 0)), Error);
}

// With pages of the host of 4, 16 and 64 KiB.
class ConfigPagesOf : public testing::TestWithParam<size_t> {
 protected:
  const size_t page_size = GetParam();
  const AbsentPage absent{page_size};
};

TEST_P(ConfigPagesOf, Runs_areWholePagesOfTheHost) {
  for (const unsigned devices : {1u, 32u}) {
    ConfigPages pages(absent, devices);
    for (const uint8_t trapped : {0, 3, 7}) {
      const auto runs = pages.runs({Devfn(trapped)});
      size_t mapped = 0;
      for (const ConfigPages::Run& run : runs) {
        EXPECT_EQ(run.offset % page_size, 0u);
        EXPECT_EQ(run.size % page_size, 0u);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(run.host) % page_size, 0u);
        EXPECT_LE(run.offset + run.size, 1u << 20);
        mapped += run.size;
      }
      EXPECT_EQ(mapped, align_up(devices * 8 * kConfigSize, page_size) - page_size);
    }
  }
}

TEST_P(ConfigPagesOf, NeighboursInOnePage_keepTheirOwnBytes) {
  ConfigPages pages(absent, 32);
  const ConfigStorage first = pages.add(Devfn(0, 0));
  first[0] = std::byte{0x11};
  first[kConfigSize - 1] = std::byte{0x12};
  const ConfigStorage third = pages.add(Devfn(0, 2));
  EXPECT_TRUE(all_are(third.data(), third.size(), std::byte{0}));
  third[0] = std::byte{0x33};
  const std::byte* const base = pages.runs({})[0].host;
  EXPECT_EQ(base[0], std::byte{0x11});
  EXPECT_EQ(base[kConfigSize - 1], std::byte{0x12});
  EXPECT_TRUE(all_are(base + kConfigSize, kConfigSize, std::byte{0xff}));
  EXPECT_EQ(base[2 * kConfigSize], std::byte{0x33});
  EXPECT_TRUE(all_are(base + 3 * kConfigSize, 253 * kConfigSize, std::byte{0xff}));
  pages.remove(Devfn(0, 0));
  EXPECT_TRUE(all_are(base, 2 * kConfigSize, std::byte{0xff}));
  EXPECT_EQ(base[2 * kConfigSize], std::byte{0x33});
  EXPECT_TRUE(all_are(pages.add(Devfn(0, 0)).data(), kConfigSize, std::byte{0}));
  EXPECT_EQ(base[2 * kConfigSize], std::byte{0x33});
}

TEST_P(ConfigPagesOf, TrappedFunction_takesItsWholePageAlong) {
  ConfigPages pages(absent, 32);
  pages.add(Devfn(0, 0));
  pages.add(Devfn(5, 0));
  const uint64_t hole = align_down(Devfn(5, 0).value * kConfigSize, page_size);
  const auto runs = pages.runs({Devfn(5, 0)});
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].offset, 0u);
  EXPECT_EQ(runs[0].size, hole);
  EXPECT_EQ(runs[1].offset, hole + page_size);
  EXPECT_EQ(runs[1].size, (1u << 20) - hole - page_size);
  EXPECT_EQ(runs[1].host - runs[0].host, static_cast<ptrdiff_t>(hole + page_size));
}

TEST_P(ConfigPagesOf, SeveralTrappedFunctions_areHolesBetweenRuns) {
  const ConfigPages pages(absent, 32);
  const std::vector<Devfn> trapped{Devfn(0, 3), Devfn(7, 7), Devfn(0, 0), Devfn(31, 7)};
  const auto runs = pages.runs(trapped);
  const auto page_of = [&](size_t place) { return place * kConfigSize / page_size; };
  for (size_t place = 0; place < 256; ++place) {
    const bool hole = std::any_of(trapped.begin(), trapped.end(), [&](Devfn devfn) {
      return page_of(devfn.value) == page_of(place);
    });
    const auto covers = [&](const ConfigPages::Run& run) {
      return place * kConfigSize >= run.offset && place * kConfigSize < run.offset + run.size;
    };
    EXPECT_EQ(std::count_if(runs.begin(), runs.end(), covers), hole ? 0 : 1) << place;
  }
}

TEST_P(ConfigPagesOf, PlacesThatFillAPageUp_readOnesAndTakeNoFunction) {
  ConfigPages pages(absent, 1);
  pages.add(Devfn(0, 7));
  EXPECT_THROW(pages.add(Devfn(1, 0)), Error);
  const auto runs = pages.runs({});
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].size, align_up(8 * kConfigSize, page_size));
  EXPECT_TRUE(
      all_are(runs[0].host + 8 * kConfigSize, runs[0].size - 8 * kConfigSize, std::byte{0xff}));
}

INSTANTIATE_TEST_SUITE_P(HostPages, ConfigPagesOf, testing::ValuesIn(host_page_sizes()));

TEST(AbsentPage, PagesThatHoldNoWholeFunctions_areRefused) {
  EXPECT_THROW(AbsentPage(2 * kKiB), Error);
  EXPECT_THROW(AbsentPage(12 * kKiB), Error);
}

}  // namespace
}  // namespace lintel::pci
