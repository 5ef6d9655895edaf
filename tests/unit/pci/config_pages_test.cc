// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/config_pages.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "vmm/base/error.h"

namespace lintel::pci {
namespace {

bool all_are(const std::byte* from, size_t size, std::byte value) {
  return std::all_of(from, from + size, [&](std::byte byte) { return byte == value; });
}

TEST(ConfigPages, PlacesWithoutAFunction_areHoles) {
  EXPECT_TRUE(ConfigPages(32).runs({}).empty());
}

TEST(ConfigPages, Function_isAtItsPlaceAndReadsWhatWasWritten) {
  ConfigPages pages(32);
  const ConfigStorage storage = pages.add(Devfn(2, 1));
  EXPECT_TRUE(all_are(storage.data(), storage.size(), std::byte{0}));
  storage[0] = std::byte{0x55};
  const auto runs = pages.runs({});
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].offset, 0x11000u);
  EXPECT_EQ(runs[0].size, 0x1000u);
  EXPECT_EQ(runs[0].host[0], std::byte{0x55});
}

TEST(ConfigPages, RemovedFunction_leavesAHoleAndNothingToTheNext) {
  ConfigPages pages(32);
  pages.add(Devfn(2, 1))[0] = std::byte{0x55};
  pages.remove(Devfn(2, 1));
  EXPECT_TRUE(pages.runs({}).empty());
  EXPECT_EQ(pages.add(Devfn(2, 1))[0], std::byte{0});
}

TEST(ConfigPages, TrappedFunctions_areHoles) {
  ConfigPages pages(1);
  for (unsigned function = 0; function < 8; ++function) pages.add(Devfn(0, function));
  const auto runs = pages.runs({Devfn(0, 0), Devfn(0, 3)});
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].offset, 0x1000u);
  EXPECT_EQ(runs[0].size, 0x2000u);
  EXPECT_EQ(runs[1].offset, 0x4000u);
  EXPECT_EQ(runs[1].size, 0x4000u);
  EXPECT_EQ(runs[1].host - runs[0].host, 0x3000);
}

TEST(ConfigPages, SecondDeviceOnALink_isRefused) {
  ConfigPages pages(1);
  EXPECT_NO_THROW(pages.add(Devfn(0, 7)));
  EXPECT_THROW(pages.add(Devfn(1, 0)), Error);
}

}  // namespace
}  // namespace lintel::pci
