// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/error_policy.h"

#include <gtest/gtest.h>

namespace lintel {
namespace {

using config::PassthroughOnError;
using std::chrono::seconds;
using Reaction = ErrorPolicy::Reaction;

TEST(ErrorPolicyTest, StopDetachAndReport_areTheSameEachTime) {
  ErrorPolicy stop(PassthroughOnError::kStop);
  ErrorPolicy detach(PassthroughOnError::kDetach);
  ErrorPolicy report(PassthroughOnError::kReport);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(stop.react(seconds(i)), Reaction::kEnd);
    EXPECT_EQ(detach.react(seconds(i)), Reaction::kUnplug);
    EXPECT_EQ(report.react(seconds(i)), Reaction::kLog);
  }
}

TEST(ErrorPolicyTest, Reset_restartsTheGuestUnlessItDidJustNow) {
  ErrorPolicy policy(PassthroughOnError::kReset);
  EXPECT_EQ(policy.react(seconds(1)), Reaction::kRestart);
  EXPECT_EQ(policy.react(seconds(61)), Reaction::kRestart);
  EXPECT_EQ(policy.react(seconds(120)), Reaction::kEnd);
}

TEST(ErrorPolicyTest, Error_isReportedByEachFunctionBehindTheLink) {
  ErrorPolicy policy(PassthroughOnError::kReset);
  EXPECT_EQ(policy.react(seconds(1)), Reaction::kRestart);
  EXPECT_EQ(policy.react(seconds(1) + std::chrono::milliseconds(3)), Reaction::kLog);
}

}  // namespace
}  // namespace lintel
