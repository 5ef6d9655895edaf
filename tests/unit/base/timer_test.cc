// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/timer.h"

#include <future>

#include <gtest/gtest.h>

#include "vmm/base/clock.h"

namespace lintel {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

class LoopTimerTest : public testing::Test {
 protected:
  EventLoopThread thread{"test", [](std::exception_ptr) { ADD_FAILURE(); }};
  LoopTimer timer{thread.loop()};
};

TEST_F(LoopTimerTest, Fires_once_per_arming_and_not_early) {
  SystemClock clock;
  std::promise<nanoseconds> fired;
  timer.on_expiry([&] { fired.set_value(clock.monotonic()); });
  const nanoseconds start = clock.monotonic();
  timer.arm(milliseconds(2));
  EXPECT_GE(fired.get_future().get() - start, milliseconds(2));
  // A second expiry would set the promise again, and throw.
  std::promise<void> again;
  timer.on_expiry([&] { again.set_value(); });
  timer.arm(nanoseconds(-5));
  again.get_future().wait();
}

TEST_F(LoopTimerTest, Arming_again_replaces_the_old_expiry) {
  std::promise<void> fired;
  timer.on_expiry([&] { fired.set_value(); });
  timer.arm(hours(24));
  timer.arm(nanoseconds(0));
  fired.get_future().wait();
}

TEST_F(LoopTimerTest, Disarmed_timer_and_removed_callback_stay_silent) {
  timer.on_expiry([] { ADD_FAILURE(); });
  timer.arm(hours(1));
  timer.disarm();
  timer.on_expiry(nullptr);
  timer.arm(nanoseconds(0));
  LoopTimer other(thread.loop());
  std::promise<void> fired;
  other.on_expiry([&] { fired.set_value(); });
  other.arm(milliseconds(1));
  fired.get_future().wait();
}

}  // namespace
}  // namespace lintel
