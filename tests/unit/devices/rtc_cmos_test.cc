// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/rtc_cmos.h"

#include <optional>

#include <gtest/gtest.h>

#include "tests/fakes/fake_irq.h"
#include "tests/fakes/manual_clock.h"

namespace lintel {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::sys_days;

// Thursday, 2024-02-29 13:59:58 UTC
nanoseconds start_time() {
  using namespace std::chrono_literals;
  return sys_days(2024y / 2 / 29).time_since_epoch() + 13h + 59min + 58s;
}

class RtcCmosTest : public testing::Test {
 protected:
  uint8_t in(uint8_t index) {
    rtc->write(0, AccessSize::k1, index);
    return static_cast<uint8_t>(rtc->read(1, AccessSize::k1));
  }
  void out(uint8_t index, uint8_t value) {
    rtc->write(0, AccessSize::k1, index);
    rtc->write(1, AccessSize::k1, value);
  }
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
  void make(const CmosConfig& config) { rtc.emplace(config, clock, timer, irq); }

  ManualClock clock{start_time()};
  ManualTimer timer{clock};
  FakeIrqLine irq;
  std::optional<RtcCmos> rtc{std::in_place, CmosConfig{}, clock, timer, irq};
};

TEST_F(RtcCmosTest, Time_is_the_hosts_in_bcd) {
  EXPECT_EQ(in(0x00), 0x58);
  EXPECT_EQ(in(0x02), 0x59);
  EXPECT_EQ(in(0x04), 0x13);
  EXPECT_EQ(in(0x06), 0x05);
  EXPECT_EQ(in(0x07), 0x29);
  EXPECT_EQ(in(0x08), 0x02);
  EXPECT_EQ(in(0x09), 0x24);
  EXPECT_EQ(in(0x32), 0x20);
  EXPECT_EQ(in(0x0d), 0x80);
}

TEST_F(RtcCmosTest, Time_carries_over_a_leap_day) {
  advance(hours(10) + minutes(0) + seconds(2));
  EXPECT_EQ(in(0x07), 0x01);
  EXPECT_EQ(in(0x08), 0x03);
  EXPECT_EQ(in(0x04), 0x00);
  EXPECT_EQ(in(0x06), 0x06);
}

TEST_F(RtcCmosTest, Binary_and_twelve_hour_formats) {
  out(0x0b, 0x06);
  EXPECT_EQ(in(0x02), 59);
  EXPECT_EQ(in(0x04), 13);
  out(0x0b, 0x04);
  EXPECT_EQ(in(0x04), 0x81);  // 1 p.m.
  out(0x0b, 0x00);
  advance(hours(10) + minutes(30));
  EXPECT_EQ(in(0x04), 0x12);  // midnight and a half
  out(0x04, 0x92);            // 12 p.m.: noon
  out(0x0b, 0x02);
  EXPECT_EQ(in(0x04), 0x12);
}

TEST_F(RtcCmosTest, Update_in_progress_covers_the_244_microseconds_before_a_second) {
  EXPECT_EQ(in(0x0a), 0x26);
  advance(seconds(1) - microseconds(245));
  EXPECT_EQ(in(0x0a), 0x26);
  advance(microseconds(1));
  EXPECT_EQ(in(0x0a), 0xa6);
  advance(microseconds(244));
  EXPECT_EQ(in(0x0a), 0x26);
  EXPECT_EQ(in(0x00), 0x59);
}

TEST_F(RtcCmosTest, Guest_sets_the_time_with_the_set_bit) {
  out(0x0b, 0x82);
  out(0x00, 0x30);
  out(0x02, 0x15);
  out(0x04, 0x08);
  out(0x07, 0x31);
  out(0x08, 0x12);
  out(0x09, 0x99);
  out(0x32, 0x19);
  advance(seconds(100));
  EXPECT_EQ(in(0x00), 0x30);  // held
  out(0x0b, 0x02);
  EXPECT_EQ(in(0x00), 0x30);
  advance(seconds(31));
  EXPECT_EQ(in(0x00), 0x01);
  EXPECT_EQ(in(0x02), 0x16);
  EXPECT_EQ(in(0x07), 0x31);
  EXPECT_EQ(in(0x09), 0x99);
  EXPECT_EQ(in(0x32), 0x19);
  EXPECT_EQ(in(0x06), 0x06);  // Friday, whatever was written
}

TEST_F(RtcCmosTest, Time_follows_a_jump_of_the_host) {
  clock.set_realtime(start_time() - hours(1));
  EXPECT_EQ(in(0x04), 0x12);
}

TEST_F(RtcCmosTest, Nonsense_times_give_some_date) {
  out(0x0b, 0x86);
  for (const uint8_t index : {0x00, 0x02, 0x04, 0x06, 0x07, 0x08, 0x09, 0x32}) out(index, 0xff);
  out(0x0b, 0x06);
  EXPECT_LT(in(0x00), 60);
  EXPECT_LT(in(0x04), 24);
  EXPECT_GE(in(0x08), 1);
  EXPECT_LE(in(0x08), 12);
  // Nor does the year run away.
  for (int i = 0; i < 100000; ++i) out(0x08, 0xff);
  EXPECT_GE(in(0x07), 1);
  EXPECT_LE(in(0x07), 31);
}

TEST_F(RtcCmosTest, Update_interrupt_comes_at_each_second_and_waits_to_be_acknowledged) {
  out(0x0b, 0x12);
  EXPECT_FALSE(irq.level());
  advance(seconds(1));
  EXPECT_TRUE(irq.level());
  advance(seconds(5));
  EXPECT_EQ(irq.rises(), 1u);
  EXPECT_FALSE(timer.armed());  // no wake-ups for a guest that does not listen
  EXPECT_EQ(in(0x0c) & 0x90, 0x90);
  EXPECT_FALSE(irq.level());
  advance(seconds(1));
  EXPECT_EQ(irq.rises(), 2u);
}

TEST_F(RtcCmosTest, Flags_are_set_without_their_interrupts_enabled) {
  advance(seconds(1));
  EXPECT_EQ(in(0x0c) & 0xd0, 0x50);  // update and periodic, no interrupt request
  EXPECT_EQ(in(0x0c), 0x00);
  EXPECT_EQ(irq.sets(), 0u);
  EXPECT_FALSE(timer.armed());
}

TEST_F(RtcCmosTest, Alarm_rings_at_its_time_only) {
  out(0x01, 0x10);
  out(0x03, 0x00);
  out(0x05, 0x14);
  out(0x0b, 0x22);
  ASSERT_TRUE(timer.armed());
  EXPECT_EQ(*timer.armed(), seconds(12));
  advance(seconds(11));
  EXPECT_FALSE(irq.level());
  advance(seconds(1));
  EXPECT_TRUE(irq.level());
  EXPECT_EQ(in(0x0c) & 0xa0, 0xa0);
  ASSERT_TRUE(timer.armed());
  EXPECT_EQ(*timer.armed(), hours(24));
}

TEST_F(RtcCmosTest, Alarm_wild_cards_match_anything) {
  out(0x01, 0x00);
  out(0x03, 0xff);
  out(0x05, 0xc0);
  out(0x0b, 0x22);
  EXPECT_EQ(*timer.armed(), seconds(2));
  advance(seconds(2));
  in(0x0c);
  EXPECT_EQ(*timer.armed(), seconds(60));
}

TEST_F(RtcCmosTest, Alarm_that_no_time_matches_never_rings) {
  out(0x01, 0x75);
  out(0x03, 0xff);
  out(0x05, 0xff);
  out(0x0b, 0x22);
  EXPECT_FALSE(timer.armed());
}

TEST_F(RtcCmosTest, Alarm_earlier_today_rings_tomorrow) {
  out(0x01, 0x00);
  out(0x03, 0x00);
  out(0x05, 0x13);
  out(0x0b, 0x22);
  EXPECT_EQ(*timer.armed(), hours(24) - minutes(59) - seconds(58));
}

TEST_F(RtcCmosTest, Periodic_interrupt_has_the_programmed_rate) {
  out(0x0a, 0x2f);  // 2 Hz
  out(0x0b, 0x42);
  EXPECT_EQ(*timer.armed(), milliseconds(500));
  advance(milliseconds(500));
  EXPECT_TRUE(irq.level());
  EXPECT_EQ(in(0x0c) & 0xc0, 0xc0);
  out(0x0a, 0x26);  // 1024 Hz
  EXPECT_EQ(*timer.armed(), nanoseconds(976562));
  out(0x0a, 0x20);
  EXPECT_FALSE(timer.armed());
}

TEST_F(RtcCmosTest, Reset_disables_interrupts_and_keeps_time_and_memory) {
  out(0x0b, 0x72);
  out(0x50, 0xab);
  out(0x04, 0x03);
  advance(seconds(1));
  EXPECT_TRUE(irq.level());
  rtc->reset();
  EXPECT_FALSE(irq.level());
  EXPECT_EQ(in(0x0b), 0x02);
  EXPECT_EQ(in(0x50), 0xab);
  EXPECT_EQ(in(0x04), 0x03);
  EXPECT_FALSE(timer.armed());
}

TEST_F(RtcCmosTest, Nmi_mask_bit_of_the_index_is_ignored) {
  out(0x50 | 0x80, 0x5a);
  EXPECT_EQ(in(0x50), 0x5a);
  EXPECT_EQ(rtc->read(0, AccessSize::k1), 0xffu);
}

TEST_F(RtcCmosTest, One_word_write_sets_index_and_data) {
  rtc->write(0, AccessSize::k2, 0x7751);
  EXPECT_EQ(in(0x51), 0x77);
}

TEST_F(RtcCmosTest, Configuration_bytes_tell_memory_and_cpus) {
  make({.ram_below_4g = 2 * kGiB, .ram_above_4g = 6 * kGiB, .cpu_count = 8});
  EXPECT_EQ(in(0x15) | in(0x16) << 8, 640);
  EXPECT_EQ(in(0x17) | in(0x18) << 8, 0xffff);
  EXPECT_EQ(in(0x30) | in(0x31) << 8, 0xffff);
  EXPECT_EQ(in(0x34) | in(0x35) << 8, (2048 - 16) * 16);
  EXPECT_EQ(in(0x5b) | in(0x5c) << 8 | in(0x5d) << 16, 6 * 1024 * 16);
  EXPECT_EQ(in(0x5f), 7);
}

TEST_F(RtcCmosTest, Configuration_of_a_tiny_machine_does_not_wrap) {
  make({.ram_below_4g = 8 * kMiB, .ram_above_4g = 0, .cpu_count = 0});
  EXPECT_EQ(in(0x17) | in(0x18) << 8, 7 * 1024);
  EXPECT_EQ(in(0x34) | in(0x35) << 8, 0);
  EXPECT_EQ(in(0x5f), 0);
}

TEST_F(RtcCmosTest, Destruction_takes_the_timer_callback_back) {
  EXPECT_TRUE(timer.has_callback());
  rtc.reset();
  EXPECT_FALSE(timer.has_callback());
}

}  // namespace
}  // namespace lintel
