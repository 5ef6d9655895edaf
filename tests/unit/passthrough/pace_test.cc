// SPDX-License-Identifier: Apache-2.0
#include "passthrough/pci/pace.h"

#include <gtest/gtest.h>

namespace lintel::passthrough::pci {
namespace {

using std::chrono::milliseconds;

TEST(Pace, FewInterrupts_areNotHeldBack) {
  Pace pace;
  for (unsigned i = 0; i < 10 * Pace::kPerWindow; ++i) {
    ASSERT_EQ(pace.handled(i * 2 * Pace::kWindow / Pace::kPerWindow), Pace::Time{0}) << i;
  }
  EXPECT_FALSE(pace.too_many_since(Pace::Time{0}));
}

TEST(Pace, TooMany_waitForTheNextWindow) {
  Pace pace;
  Pace::Time now = milliseconds(500);
  for (unsigned i = 1; i < Pace::kPerWindow; ++i) ASSERT_EQ(pace.handled(now), Pace::Time{0});
  now += Pace::kWindow / 4;
  EXPECT_EQ(pace.handled(now), Pace::kWindow * 3 / 4);
  EXPECT_EQ(pace.rate(), 4 * Pace::kPerSecond);
  EXPECT_TRUE(pace.too_many_since(now));
  EXPECT_FALSE(pace.too_many_since(now + Pace::Time{1}));
  EXPECT_EQ(pace.handled(now + Pace::kWindow), Pace::Time{0});
}

TEST(Pace, InterruptsAtOneMoment_haveARate) {
  Pace pace;
  for (unsigned i = 0; i < Pace::kPerWindow; ++i) pace.handled(milliseconds(1000));
  EXPECT_GT(pace.rate(), 0u);
}

}  // namespace
}  // namespace lintel::passthrough::pci
