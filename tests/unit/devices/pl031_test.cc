// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/pl031.h"

#include <algorithm>
#include <optional>

#include <gtest/gtest.h>

#include "tests/fakes/fake_irq.h"
#include "tests/fakes/manual_clock.h"

namespace lintel {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr uint64_t kData = 0x00;
constexpr uint64_t kMatch = 0x04;
constexpr uint64_t kLoad = 0x08;
constexpr uint64_t kControl = 0x0c;
constexpr uint64_t kMask = 0x10;
constexpr uint64_t kRaw = 0x14;
constexpr uint64_t kMasked = 0x18;
constexpr uint64_t kClear = 0x1c;

constexpr uint32_t kStart = 1'700'000'000;

class Pl031Test : public testing::Test {
 protected:
  uint32_t in(uint64_t offset) { return static_cast<uint32_t>(rtc->read(offset, AccessSize::k4)); }
  void out(uint64_t offset, uint32_t value) { rtc->write(offset, AccessSize::k4, value); }
  // The timer as the loop would run it.
  void advance(nanoseconds by) {
    while (timer.armed() && *timer.armed() <= by) {
      const nanoseconds step = std::max(*timer.armed(), nanoseconds(0));
      clock.advance(step);
      by -= step;
      timer.expire();
    }
    clock.advance(by);
  }

  ManualClock clock{seconds(kStart) + milliseconds(250)};
  ManualTimer timer{clock};
  FakeIrqLine irq;
  std::optional<Pl031> rtc{std::in_place, clock, timer, irq};
};

TEST_F(Pl031Test, Counter_is_the_hosts_time_and_runs) {
  EXPECT_EQ(in(kData), kStart);
  EXPECT_EQ(in(kControl), 1u);
  advance(milliseconds(749));
  EXPECT_EQ(in(kData), kStart);
  advance(milliseconds(1));
  EXPECT_EQ(in(kData), kStart + 1);
  out(kData, 5);
  out(kControl, 0);
  EXPECT_EQ(in(kData), kStart + 1);
  EXPECT_EQ(in(kControl), 1u);
}

TEST_F(Pl031Test, Identification_is_that_of_the_cell) {
  std::string ids;
  for (uint64_t offset = 0xfe0; offset < 0x1000; offset += 4) ids += static_cast<char>(in(offset));
  EXPECT_EQ(ids, std::string("\x31\x10\x04\x00\x0d\xf0\x05\xb1", 8));
}

TEST_F(Pl031Test, Loaded_value_is_counted_from) {
  out(kLoad, 1000);
  EXPECT_EQ(in(kLoad), 1000u);
  EXPECT_EQ(in(kData), 1000u);
  advance(seconds(5));
  EXPECT_EQ(in(kData), 1005u);
  EXPECT_EQ(in(kLoad), 1000u);
}

TEST_F(Pl031Test, Alarm_interrupts_at_the_start_of_its_second) {
  out(kMatch, kStart + 10);
  out(kMask, 1);
  EXPECT_EQ(in(kMatch), kStart + 10);
  ASSERT_TRUE(timer.armed());
  EXPECT_EQ(*timer.armed(), seconds(10) - milliseconds(250));
  advance(seconds(10) - milliseconds(251));
  EXPECT_FALSE(irq.level());
  advance(milliseconds(1));
  EXPECT_TRUE(irq.level());
  EXPECT_EQ(in(kRaw), 1u);
  EXPECT_EQ(in(kMasked), 1u);
  EXPECT_FALSE(timer.armed()) << "nothing to tell before it is acknowledged";
  out(kClear, 0);
  EXPECT_TRUE(irq.level());
  out(kClear, 1);
  EXPECT_FALSE(irq.level());
  EXPECT_EQ(in(kRaw), 0u);
  advance(seconds(5));
  EXPECT_EQ(irq.rises(), 1u);
}

TEST_F(Pl031Test, Masked_alarm_shows_in_the_raw_status_only) {
  out(kMatch, kStart + 10);
  EXPECT_FALSE(timer.armed());
  advance(seconds(20));
  EXPECT_EQ(in(kRaw), 1u);
  EXPECT_EQ(in(kMasked), 0u);
  EXPECT_FALSE(irq.level());
  out(kMask, 1);
  EXPECT_TRUE(irq.level());
  out(kMask, 0);
  EXPECT_FALSE(irq.level());
}

TEST_F(Pl031Test, Alarm_at_the_time_that_it_is_fires_at_once) {
  out(kMask, 1);
  out(kMatch, kStart);
  EXPECT_TRUE(irq.level());
  out(kClear, 1);
  EXPECT_FALSE(irq.level());
  out(kMatch, 77);
  EXPECT_FALSE(irq.level());
  out(kLoad, 77);
  EXPECT_TRUE(irq.level());
}

TEST_F(Pl031Test, Loading_the_counter_moves_the_alarm) {
  out(kMask, 1);
  out(kMatch, 1010);
  out(kLoad, 1000);
  EXPECT_EQ(*timer.armed(), seconds(10) - milliseconds(250));
  advance(seconds(10));
  EXPECT_TRUE(irq.level());
}

TEST_F(Pl031Test, Alarm_in_the_past_waits_for_the_counter_to_wrap) {
  out(kMask, 1);
  out(kMatch, kStart - 1);
  advance(seconds(0xfffffffe));
  EXPECT_FALSE(irq.level());
  advance(seconds(1));
  EXPECT_TRUE(irq.level());
  EXPECT_EQ(in(kData), kStart - 1);
  out(kClear, 1);
  EXPECT_EQ(*timer.armed(), seconds(1ll << 32) - milliseconds(250));
}

TEST_F(Pl031Test, Counter_wraps_and_the_alarm_behind_the_wrap_comes) {
  out(kLoad, 0xfffffffe);
  out(kMatch, 1);
  out(kMask, 1);
  advance(seconds(2));
  EXPECT_EQ(in(kData), 0u);
  EXPECT_FALSE(irq.level());
  advance(seconds(1));
  EXPECT_EQ(in(kData), 1u);
  EXPECT_TRUE(irq.level());
}

TEST_F(Pl031Test, Host_beyond_32_bits_of_seconds_is_truncated) {
  clock.set_realtime(seconds((1ll << 32) + 5));
  EXPECT_EQ(in(kData), 5u);
  out(kMatch, 8);
  out(kMask, 1);
  advance(seconds(3));
  EXPECT_TRUE(irq.level());
}

TEST_F(Pl031Test, Host_time_set_back_is_followed_without_an_alarm) {
  out(kMatch, kStart + 10);
  out(kMask, 1);
  clock.set_realtime(seconds(kStart - 1000));
  EXPECT_EQ(in(kData), kStart - 1000);
  advance(seconds(10));
  EXPECT_FALSE(irq.level());
  EXPECT_EQ(*timer.armed(), seconds(1000));
  advance(seconds(1000));
  EXPECT_TRUE(irq.level());
}

TEST_F(Pl031Test, Reset_keeps_the_time_and_drops_the_alarm) {
  out(kLoad, 1000);
  out(kMatch, 1000);
  out(kMask, 1);
  EXPECT_TRUE(irq.level());
  rtc->reset();
  EXPECT_FALSE(irq.level());
  EXPECT_EQ(in(kData), 1000u);
  EXPECT_EQ(in(kMask), 0u);
  EXPECT_EQ(in(kMatch), 0u);
  EXPECT_EQ(in(kRaw), 0u);
  EXPECT_FALSE(timer.armed());
}

TEST_F(Pl031Test, Lets_go_of_the_timer_when_destroyed) {
  rtc.reset();
  EXPECT_FALSE(timer.has_callback());
}

}  // namespace
}  // namespace lintel
