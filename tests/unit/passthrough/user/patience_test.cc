// SPDX-License-Identifier: Apache-2.0
#include "passthrough/user/patience.h"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "tests/fakes/manual_clock.h"

namespace lintel::passthrough::user {
namespace {

using namespace std::chrono_literals;

class PatienceTest : public testing::Test {
 protected:
  void wait(std::chrono::nanoseconds time) {
    const Patience::Wait waits(patience);
    clock.advance(time);
  }

  ManualClock clock;
  Patience patience{5s, clock};
};

TEST_F(PatienceTest, Waits_outside_an_operation_have_the_whole_budget_each) {
  wait(4s);
  EXPECT_EQ(patience.left(), 5s);
}

TEST_F(PatienceTest, Waits_of_an_operation_share_it) {
  patience.begin();
  wait(2s);
  clock.advance(1h);  // which nobody waited for the server
  EXPECT_EQ(patience.left(), 3s);
  wait(4s);
  EXPECT_EQ(patience.left(), 0s);
  patience.end();
  EXPECT_EQ(patience.left(), 5s);
}

TEST_F(PatienceTest, Operation_inside_another_is_a_part_of_it) {
  patience.begin();
  wait(2s);
  patience.begin();
  EXPECT_EQ(patience.left(), 3s);
  wait(1s);
  patience.end();
  EXPECT_EQ(patience.left(), 2s);
  patience.end();
}

TEST_F(PatienceTest, Each_thread_has_its_own) {
  patience.begin();
  wait(2s);
  std::thread([&] {
    EXPECT_EQ(patience.left(), 5s);
    patience.begin();
    wait(1s);
    EXPECT_EQ(patience.left(), 4s);
    patience.end();
  }).join();
  EXPECT_EQ(patience.left(), 3s);
  patience.end();
}

}  // namespace
}  // namespace lintel::passthrough::user
