// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/pl061.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "tests/fakes/fake_irq.h"
#include "tests/fakes/manual_clock.h"

namespace lintel {
namespace {

constexpr uint64_t kAllData = 0x3fc;
constexpr uint64_t kDirection = 0x400;
constexpr uint64_t kLevelSense = 0x404;
constexpr uint64_t kBothEdges = 0x408;
constexpr uint64_t kEvent = 0x40c;
constexpr uint64_t kMask = 0x410;
constexpr uint64_t kRaw = 0x414;
constexpr uint64_t kMasked = 0x418;
constexpr uint64_t kClear = 0x41c;
constexpr uint64_t kAlternate = 0x420;

constexpr uint32_t kButton = 1 << 3;

class Pl061Test : public testing::Test {
 protected:
  uint32_t in(uint64_t offset) { return static_cast<uint32_t>(gpio->read(offset, AccessSize::k4)); }
  void out(uint64_t offset, uint32_t value) { gpio->write(offset, AccessSize::k4, value); }

  ManualClock clock;
  ManualTimer timer{clock};
  FakeIrqLine irq;
  std::optional<Pl061> gpio{std::in_place, irq, timer};
};

TEST_F(Pl061Test, Identification_is_that_of_the_cell) {
  std::string ids;
  for (uint64_t offset = 0xfe0; offset < 0x1000; offset += 4) ids += static_cast<char>(in(offset));
  EXPECT_EQ(ids, std::string("\x61\x10\x04\x00\x0d\xf0\x05\xb1", 8));
}

TEST_F(Pl061Test, Press_holds_the_button_long_enough_for_a_driver_to_look_twice) {
  EXPECT_EQ(in(kAllData), 0u);
  gpio->press();
  EXPECT_EQ(in(kAllData), kButton);
  EXPECT_EQ(timer.armed(), Pl061::kPress);
  clock.advance(Pl061::kPress);
  timer.expire();
  EXPECT_EQ(in(kAllData), 0u);
}

TEST_F(Pl061Test, Press_of_a_button_that_is_down_holds_it_for_longer) {
  out(kEvent, kButton);
  out(kMask, kButton);
  gpio->press();
  out(kClear, kButton);
  clock.advance(Pl061::kPress / 2);
  gpio->press();
  EXPECT_FALSE(irq.level()) << "no edge";
  EXPECT_EQ(timer.armed(), Pl061::kPress);
}

TEST_F(Pl061Test, Data_addresses_choose_the_pins) {
  out(kDirection, 0xf0);
  out(0xff << 2, 0xff);
  EXPECT_EQ(in(kAllData), 0xf0u) << "inputs cannot be written";
  out(0x30 << 2, 0x00);
  EXPECT_EQ(in(kAllData), 0xc0u);
  out(0x00 << 2, 0x00);
  EXPECT_EQ(in(kAllData), 0xc0u);
  EXPECT_EQ(in(0x40 << 2), 0x40u);
  gpio->press();
  EXPECT_EQ(in(0x88 << 2), 0x88u);
  EXPECT_EQ(in(0x77 << 2), 0x40u);
}

TEST_F(Pl061Test, Rising_edge_interrupts_until_cleared) {
  out(kEvent, kButton);
  out(kMask, kButton);
  gpio->press();
  EXPECT_TRUE(irq.level());
  EXPECT_EQ(in(kRaw), kButton);
  EXPECT_EQ(in(kMasked), kButton);
  timer.expire();
  EXPECT_TRUE(irq.level());
  out(kClear, 0xff & ~kButton);
  EXPECT_TRUE(irq.level());
  out(kClear, kButton);
  EXPECT_FALSE(irq.level());
  EXPECT_EQ(irq.rises(), 1u);
  gpio->press();
  EXPECT_EQ(irq.rises(), 2u);
}

TEST_F(Pl061Test, Falling_edge_interrupts_when_the_button_goes_up) {
  out(kMask, kButton);
  gpio->press();
  EXPECT_FALSE(irq.level());
  timer.expire();
  EXPECT_TRUE(irq.level());
}

TEST_F(Pl061Test, Both_edges_interrupt_whatever_the_event_register) {
  out(kBothEdges, kButton);
  out(kMask, kButton);
  for (const uint32_t event : {0u, kButton}) {
    out(kEvent, event);
    gpio->press();
    EXPECT_TRUE(irq.level());
    out(kClear, kButton);
    EXPECT_FALSE(irq.level());
    timer.expire();
    EXPECT_TRUE(irq.level());
    out(kClear, kButton);
  }
}

TEST_F(Pl061Test, High_level_interrupts_while_it_lasts) {
  out(kLevelSense, kButton);
  out(kEvent, kButton);
  out(kMask, kButton);
  EXPECT_FALSE(irq.level());
  gpio->press();
  EXPECT_TRUE(irq.level());
  out(kClear, 0xff);
  EXPECT_TRUE(irq.level()) << "levels cannot be cleared";
  timer.expire();
  EXPECT_FALSE(irq.level());
  EXPECT_EQ(in(kRaw), 0u);
}

TEST_F(Pl061Test, Low_level_interrupts_while_the_button_is_up) {
  out(kLevelSense, kButton);
  out(kMask, kButton);
  EXPECT_TRUE(irq.level());
  gpio->press();
  EXPECT_FALSE(irq.level());
  timer.expire();
  EXPECT_TRUE(irq.level());
}

TEST_F(Pl061Test, Masked_interrupt_shows_in_the_raw_status_only) {
  out(kEvent, kButton);
  out(kMask, 0xff & ~kButton);
  gpio->press();
  EXPECT_EQ(in(kRaw), kButton);
  EXPECT_EQ(in(kMasked), 0u);
  EXPECT_FALSE(irq.level());
  out(kMask, kButton);
  EXPECT_TRUE(irq.level());
}

TEST_F(Pl061Test, Pin_turned_output_is_deaf_to_the_button) {
  out(kDirection, kButton);
  out(kEvent, kButton);
  out(kMask, kButton);
  gpio->press();
  EXPECT_FALSE(irq.level());
  EXPECT_EQ(in(kAllData), 0u);
  out(kLevelSense, kButton);
  EXPECT_FALSE(irq.level());
}

TEST_F(Pl061Test, Turning_an_edge_pin_into_a_level_pin_forgets_its_edge) {
  out(kEvent, kButton);
  out(kMask, kButton);
  gpio->press();
  timer.expire();
  EXPECT_TRUE(irq.level());
  out(kLevelSense, kButton);
  EXPECT_FALSE(irq.level());
  out(kLevelSense, 0);
  EXPECT_FALSE(irq.level());
}

TEST_F(Pl061Test, Registers_have_eight_bits_and_are_zero_after_reset) {
  constexpr uint64_t kAll[] = {kDirection, kLevelSense, kBothEdges, kEvent, kMask, kAlternate};
  for (const uint64_t offset : kAll) {
    out(offset, 0xffffffff);
    EXPECT_EQ(in(offset), 0xffu) << offset;
  }
  out(kDirection, 0);
  gpio->press();
  EXPECT_TRUE(irq.level());
  gpio->reset();
  EXPECT_FALSE(irq.level());
  for (const uint64_t offset : kAll) EXPECT_EQ(in(offset), 0u) << offset;
  EXPECT_EQ(in(kRaw), 0u);
  EXPECT_EQ(in(kAllData), kButton) << "the button is still down";
}

TEST_F(Pl061Test, Lets_go_of_the_timer_when_destroyed) {
  gpio.reset();
  EXPECT_FALSE(timer.has_callback());
}

}  // namespace
}  // namespace lintel
