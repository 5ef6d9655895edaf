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

TEST(ConfigPages, PlacesWithoutAFunction_readOnes) {
  const AbsentPage absent;
  const ConfigPages pages(absent, 32);
  const auto runs = pages.runs({});
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].offset, 0u);
  EXPECT_EQ(runs[0].size, 1u << 20);
  EXPECT_TRUE(all_are(runs[0].host, runs[0].size, std::byte{0xff}));
}

TEST(ConfigPages, Function_isAtItsPlaceAndReadsWhatWasWritten) {
  const AbsentPage absent;
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

TEST(ConfigPages, TrappedFunctions_areHoles) {
  const AbsentPage absent;
  const ConfigPages pages(absent, 1);
  const auto runs = pages.runs({Devfn(0, 0), Devfn(0, 3)});
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].offset, 0x1000u);
  EXPECT_EQ(runs[0].size, 0x2000u);
  EXPECT_EQ(runs[1].offset, 0x4000u);
  EXPECT_EQ(runs[1].size, 0x4000u);
  EXPECT_EQ(runs[1].host - runs[0].host, 0x3000);
}

TEST(ConfigPages, SecondDeviceOnALink_isRefused) {
  const AbsentPage absent;
  ConfigPages pages(absent, 1);
  EXPECT_NO_THROW(pages.add(Devfn(0, 7)));
  EXPECT_THROW(pages.add(Devfn(1, 0)), Error);
}

}  // namespace
}  // namespace lintel::pci
