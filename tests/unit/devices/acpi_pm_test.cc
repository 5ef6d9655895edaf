// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/acpi_pm.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_irq.h"
#include "tests/fakes/fake_machine_events.h"
#include "tests/fakes/manual_clock.h"

namespace lintel {
namespace {

using Seen = std::vector<std::string>;
using std::chrono::hours;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr uint64_t kStatus = 0;
constexpr uint64_t kEnable = 2;
constexpr uint64_t kPowerButton = 1 << 8;
constexpr uint64_t kTimer = 1 << 0;

class AcpiPmTest : public testing::Test {
 protected:
  uint64_t event(uint64_t offset) { return pm.event_block().read(offset, AccessSize::k2); }
  void set_event(uint64_t offset, uint64_t value) {
    pm.event_block().write(offset, AccessSize::k2, value);
  }
  uint64_t ticks() { return pm.timer_block().read(0, AccessSize::k4); }

  ManualClock clock;
  ManualTimer timer{clock};
  FakeIrqLine sci;
  FakeMachineEvents events;
  AcpiPm pm{{clock, timer, sci, events}};
};

TEST_F(AcpiPmTest, Power_button_interrupts_until_its_status_is_cleared) {
  set_event(kEnable, kPowerButton);
  EXPECT_FALSE(sci.level());
  pm.press_power_button();
  EXPECT_TRUE(sci.level());
  EXPECT_EQ(event(kStatus), kPowerButton);
  set_event(kStatus, 0);  // zeros change nothing
  EXPECT_TRUE(sci.level());
  set_event(kStatus, kPowerButton);
  EXPECT_FALSE(sci.level());
  EXPECT_EQ(event(kStatus), 0u);
}

TEST_F(AcpiPmTest, Power_button_pressed_early_interrupts_once_enabled) {
  pm.press_power_button();
  EXPECT_FALSE(sci.level());
  set_event(kEnable, kPowerButton);
  EXPECT_TRUE(sci.level());
}

TEST_F(AcpiPmTest, Byte_accesses_reach_each_half_of_a_register) {
  pm.event_block().write(3, AccessSize::k1, 0x01);
  EXPECT_EQ(event(kEnable), kPowerButton);
  EXPECT_EQ(pm.event_block().read(3, AccessSize::k1), 0x01u);
  EXPECT_EQ(pm.event_block().read(0, AccessSize::k4), kPowerButton << 16);
  set_event(kEnable, 0xffff);
  EXPECT_EQ(event(kEnable), 0x0521u);
}

TEST_F(AcpiPmTest, Acpi_mode_is_always_on) {
  EXPECT_EQ(pm.control_block().read(0, AccessSize::k2), 1u);
  pm.control_block().write(0, AccessSize::k2, 0);
  EXPECT_EQ(pm.control_block().read(0, AccessSize::k2), 1u);
}

TEST_F(AcpiPmTest, Sleep_type_five_powers_off_only_with_sleep_enable) {
  pm.control_block().write(0, AccessSize::k2, AcpiPm::kS5SleepType << 10);
  EXPECT_EQ(events.seen(), Seen{});
  pm.control_block().write(0, AccessSize::k2, 1 << 13 | AcpiPm::kS5SleepType << 10);
  EXPECT_EQ(events.seen(), Seen{"power-off"});
  // SLP_EN reads as zero.
  EXPECT_EQ(pm.control_block().read(0, AccessSize::k2) & (1 << 13), 0u);
}

TEST_F(AcpiPmTest, Sleep_enable_by_one_byte_powers_off) {
  pm.control_block().write(1, AccessSize::k1, 0x20);
  EXPECT_EQ(events.seen(), Seen{"power-off"});
}

TEST_F(AcpiPmTest, Other_sleep_types_do_nothing) {
  pm.control_block().write(0, AccessSize::k2, 1 << 13 | 1 << 10);
  EXPECT_EQ(events.seen(), Seen{});
}

TEST_F(AcpiPmTest, Timer_counts_at_its_frequency_and_wraps) {
  EXPECT_EQ(ticks(), 0u);
  clock.advance(seconds(1));
  EXPECT_EQ(ticks(), AcpiPm::kTimerHz);
  clock.advance(hours(24 * 365));
  EXPECT_EQ(ticks(), (AcpiPm::kTimerHz * (1 + 24ull * 365 * 3600)) & 0xffffffff);
  EXPECT_EQ(pm.timer_block().read(2, AccessSize::k2), ticks() >> 16);
  pm.timer_block().write(0, AccessSize::k4, 0);
  EXPECT_NE(ticks(), 0u);
}

TEST_F(AcpiPmTest, Timer_status_is_set_when_the_top_bit_changes) {
  clock.advance(seconds(599));
  EXPECT_EQ(event(kStatus) & kTimer, 0u);
  clock.advance(seconds(1));  // 2^31 ticks are 599.9 s
  EXPECT_EQ(event(kStatus) & kTimer, kTimer);
  EXPECT_FALSE(timer.armed());
}

TEST_F(AcpiPmTest, Timer_interrupt_is_prepared_only_when_enabled) {
  set_event(kEnable, kTimer);
  ASSERT_TRUE(timer.armed());
  clock.advance(*timer.armed());
  timer.expire();
  EXPECT_TRUE(sci.level());
  EXPECT_FALSE(timer.armed());
  set_event(kStatus, kTimer);
  EXPECT_FALSE(sci.level());
  EXPECT_TRUE(timer.armed());
  set_event(kEnable, 0);
  EXPECT_FALSE(timer.armed());
}

TEST_F(AcpiPmTest, Reset_of_any_block_clears_all_events) {
  set_event(kEnable, kPowerButton);
  pm.press_power_button();
  pm.control_block().reset();
  EXPECT_FALSE(sci.level());
  EXPECT_EQ(event(kStatus), 0u);
  EXPECT_EQ(event(kEnable), 0u);
}

TEST(ResetControl, Rising_reset_bit_resets_in_the_programmed_way) {
  FakeMachineEvents events;
  ResetControl control(events);
  control.write(0, AccessSize::k1, 0x02);
  EXPECT_EQ(events.seen(), Seen{});
  control.write(0, AccessSize::k1, 0x06);
  EXPECT_EQ(events.seen(), Seen{"reset system"});
  control.write(0, AccessSize::k1, 0x06);  // no rise
  EXPECT_EQ(events.seen().size(), 1u);
  control.reset();
  control.write(0, AccessSize::k1, 0x0e);
  control.reset();
  control.write(0, AccessSize::k1, 0x04);
  EXPECT_EQ(events.seen(), (Seen{"reset system", "reset power-cycle", "reset cpu"}));
  EXPECT_EQ(control.read(0, AccessSize::k1), 0x04u);
}

}  // namespace
}  // namespace lintel
