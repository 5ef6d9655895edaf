// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/bdf.h"

#include <gtest/gtest.h>

namespace lintel::pci {
namespace {

TEST(Bdf, PacksAsARequesterId) {
  // PCI Express Base 5.0, 2.2.6.2: bus 15:8, device 7:3, function 2:0.
  const Bdf bdf(0x12, Devfn(0x1f, 3));
  EXPECT_EQ(bdf.value(), 0x12fb);
  EXPECT_EQ(Bdf(uint16_t{0x12fb}), bdf);
  EXPECT_EQ(bdf.devfn.device(), 0x1fu);
  EXPECT_EQ(bdf.devfn.function(), 3u);
}

TEST(Bdf, TextRoundTrips) {
  EXPECT_EQ(to_string(Bdf(0, Devfn(0x1f, 0))), "00:1f.0");
  EXPECT_EQ(parse_bdf("00:1f.0"), Bdf(0, Devfn(0x1f, 0)));
  EXPECT_EQ(parse_bdf("a:2.7"), Bdf(10, Devfn(2, 7)));
  EXPECT_EQ(parse_devfn("05.1"), Devfn(5, 1));
}

TEST(Bdf, RefusesWhatIsNoPlace) {
  for (const char* text : {"", "1f.0", "00:20.0", "00:1f.8", "00:1f.", "00:.0", "100:00.0",
                           "00:00.0 ", "+1:00.0", "0x1:00.0", "00:1f.00", "00:001.0"}) {
    EXPECT_EQ(parse_bdf(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace lintel::pci
