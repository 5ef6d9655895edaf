// SPDX-License-Identifier: Apache-2.0
#include "vmm/memory/address_plan.h"

#include <gtest/gtest.h>

#include "vmm/base/error.h"

namespace lintel {
namespace {

using Ranges = std::vector<GuestRange>;

constexpr uint64_t kUnit = 2 * kMiB;
constexpr uint64_t kTiB = 1024 * kGiB;

constexpr GuestRange from_to(uint64_t begin, uint64_t end) {
  return {GuestAddress(begin), end - begin};
}

// The areas of a PC: below the 32-bit window, and above 4 GiB.
const Ranges kPc{from_to(0, 2 * kGiB), from_to(4 * kGiB, 1ull << 52)};
const Ranges kVirt{from_to(kGiB, 1ull << 48)};
const Ranges kAll{kAllAddresses};

TEST(AddressPlan, Without_an_iommu_ram_fills_the_areas) {
  EXPECT_EQ(plan_ram(kGiB, kPc, kAll, kUnit), Ranges{from_to(0, kGiB)});
  EXPECT_EQ(plan_ram(3 * kGiB, kPc, kAll, kUnit),
            (Ranges{from_to(0, 2 * kGiB), from_to(4 * kGiB, 5 * kGiB)}));
}

// What VT-d reserves is no RAM of a PC anyway.
TEST(AddressPlan, Interrupt_window_of_x86_moves_nothing) {
  const Ranges usable{from_to(0, 0xfee00000), from_to(0xfef00000, 1ull << 39)};
  EXPECT_EQ(plan_ram(6 * kGiB, kPc, usable, kUnit), plan_ram(6 * kGiB, kPc, kAll, kUnit));
}

// AMD's HyperTransport range: 12 GiB below 1 TiB.
TEST(AddressPlan, Ram_goes_around_hypertransport) {
  const Ranges usable{from_to(0, 0xfd'0000'0000), from_to(0x100'0000'0000, 1ull << 48)};
  EXPECT_EQ(plan_ram(1100 * kGiB, kPc, usable, kUnit),
            (Ranges{from_to(0, 2 * kGiB), from_to(4 * kGiB, 0xfd'0000'0000),
                    from_to(kTiB, kTiB + 90 * kGiB)}));
}

TEST(AddressPlan, Message_window_below_ram_moves_nothing) {
  const Ranges usable{from_to(0, 0x8000000), from_to(0x8100000, 1ull << 48)};
  EXPECT_EQ(plan_ram(4 * kGiB, kVirt, usable, kUnit), Ranges{from_to(kGiB, 5 * kGiB)});
}

TEST(AddressPlan, Hole_inside_ram_splits_it_on_whole_units) {
  const Ranges usable{from_to(0, 0x5010'1000), from_to(0x5020'1000, 1ull << 48)};
  EXPECT_EQ(plan_ram(kGiB, kVirt, usable, kUnit),
            (Ranges{from_to(kGiB, 0x5000'0000), from_to(0x5040'0000, 0x8040'0000)}));
}

TEST(AddressPlan, Narrow_iommu_says_how_much_fits) {
  const Ranges usable{from_to(0, 8 * kGiB)};
  EXPECT_EQ(plan_ram(6 * kGiB, kPc, usable, kUnit).back(), from_to(4 * kGiB, 8 * kGiB));
  try {
    plan_ram(7 * kGiB, kPc, usable, kUnit);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.describe().find("0x180000000"), std::string::npos) << error.describe();
  }
}

TEST(AddressPlan, Lists_are_intersected_to_their_ends) {
  EXPECT_EQ(intersect(kAll, kAll), Ranges{kAllAddresses});
  EXPECT_EQ(intersect(Ranges{from_to(0, 10), from_to(20, 30)}, Ranges{from_to(5, 25)}),
            (Ranges{from_to(5, 10), from_to(20, 25)}));
}

TEST(AddressPlan, Window_is_the_lowest_that_is_large_enough) {
  const Ranges usable{from_to(0, 0xfd'0000'0000), from_to(0x100'0000'0000, 1ull << 48)};
  const GuestRange within = from_to(0xfc'0000'0000, 1ull << 40 | 1ull << 39);
  EXPECT_EQ(plan_window(within, usable, 2 * kGiB, 2 * kGiB, kGiB),
            from_to(0xfc'0000'0000, 0xfc'8000'0000));
  EXPECT_EQ(plan_window(within, usable, 16 * kGiB, 32 * kGiB, kGiB),
            from_to(kTiB, kTiB + 32 * kGiB));
  EXPECT_EQ(plan_window(within, usable, kTiB, kTiB, kGiB), std::nullopt);
}

}  // namespace
}  // namespace lintel
