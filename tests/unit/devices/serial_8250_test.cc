// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/serial_8250.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/fakes/fake_console.h"
#include "tests/fakes/fake_irq.h"

namespace lintel {
namespace {

enum Register : uint64_t {
  kData,
  kInterruptEnable,
  kInterruptId,
  kLineControl,
  kModemControl,
  kLineStatus,
  kModemStatus,
  kScratch
};
constexpr uint64_t kFifoControl = kInterruptId;

class Serial8250Test : public testing::Test {
 protected:
  uint8_t in(uint64_t offset) { return static_cast<uint8_t>(port.read(offset, AccessSize::k1)); }
  void out(uint64_t offset, uint8_t value) { port.write(offset, AccessSize::k1, value); }
  std::string drain() {
    std::string text;
    while ((in(kLineStatus) & 0x01) != 0) text += static_cast<char>(in(kData));
    return text;
  }

  FakeIrqLine irq;
  FakeConsole console;
  Serial8250 port{irq, console};
};

TEST_F(Serial8250Test, Output_is_on_the_console_when_the_write_returns) {
  out(kData, 'h');
  EXPECT_EQ(console.printed(), "h");
  out(kData, 'i');
  EXPECT_EQ(console.printed(), "hi");
  EXPECT_EQ(in(kLineStatus) & 0x60, 0x60);
}

TEST_F(Serial8250Test, Divisor_latch_hides_data_and_interrupt_enable) {
  out(kInterruptEnable, 0x05);
  out(kLineControl, 0x83);
  out(kData, 0x34);
  out(kInterruptEnable, 0x12);
  EXPECT_EQ(in(kData), 0x34);
  EXPECT_EQ(in(kInterruptEnable), 0x12);
  out(kLineControl, 0x03);
  EXPECT_EQ(in(kInterruptEnable), 0x05);
  EXPECT_EQ(console.printed(), "");
}

TEST_F(Serial8250Test, Interrupt_enable_keeps_its_low_four_bits_and_scratch_all) {
  out(kInterruptEnable, 0xff);
  EXPECT_EQ(in(kInterruptEnable), 0x0f);
  out(kScratch, 0xa5);
  EXPECT_EQ(in(kScratch), 0xa5);
}

TEST_F(Serial8250Test, Fifo_enable_shows_in_the_interrupt_id) {
  EXPECT_EQ(in(kInterruptId), 0x01);
  out(kFifoControl, 0x01);
  EXPECT_EQ(in(kInterruptId), 0xc1);
  out(kFifoControl, 0x00);
  EXPECT_EQ(in(kInterruptId), 0x01);
}

TEST_F(Serial8250Test, Transmit_interrupt_comes_when_enabled_and_after_each_byte) {
  out(kInterruptEnable, 0x02);
  EXPECT_TRUE(irq.level());
  EXPECT_EQ(in(kInterruptId), 0x02);
  EXPECT_FALSE(irq.level());  // reading it acknowledges
  EXPECT_EQ(in(kInterruptId), 0x01);
  out(kData, 'x');
  EXPECT_TRUE(irq.level());
  EXPECT_EQ(irq.rises(), 2u);
  out(kInterruptEnable, 0x00);
  EXPECT_FALSE(irq.level());
}

TEST_F(Serial8250Test, Transmit_interrupt_is_raised_anew_when_enabled_anew) {
  out(kInterruptEnable, 0x02);
  in(kInterruptId);
  out(kInterruptEnable, 0x00);
  out(kInterruptEnable, 0x02);
  EXPECT_EQ(in(kInterruptId), 0x02);
}

TEST_F(Serial8250Test, Sixteen_bytes_without_acknowledging_are_one_interrupt) {
  out(kInterruptEnable, 0x02);
  for (int i = 0; i < 16; ++i) out(kData, 'x');
  EXPECT_EQ(irq.rises(), 1u);
  EXPECT_EQ(irq.sets(), 1u);
}

TEST_F(Serial8250Test, Received_data_interrupts_until_it_is_read) {
  out(kFifoControl, 0x01);
  out(kInterruptEnable, 0x01);
  EXPECT_EQ(console.type("a"), 1u);
  EXPECT_TRUE(irq.level());
  EXPECT_EQ(in(kInterruptId), 0xc4);  // trigger level 1
  EXPECT_TRUE(irq.level());
  EXPECT_EQ(in(kData), 'a');
  EXPECT_FALSE(irq.level());
  EXPECT_EQ(in(kLineStatus) & 0x01, 0);
}

TEST_F(Serial8250Test, Data_below_the_trigger_is_a_timeout_at_once) {
  out(kFifoControl, 0xc1);  // 14 bytes
  out(kInterruptEnable, 0x01);
  console.type("0123456789abc");
  EXPECT_EQ(in(kInterruptId), 0xcc);
  console.type("d");
  EXPECT_EQ(in(kInterruptId), 0xc4);
  EXPECT_EQ(drain(), "0123456789abcd");
}

TEST_F(Serial8250Test, Input_waits_until_the_guest_wants_it) {
  EXPECT_EQ(console.type("hello"), 0u);
  out(kFifoControl, 0x07);  // what a starting driver does: clear everything,
  in(kLineStatus);          // and read once what might be there
  in(kData);
  EXPECT_EQ(console.room_calls(), 0u);
  out(kInterruptEnable, 0x01);
  EXPECT_EQ(console.room_calls(), 1u);
  EXPECT_EQ(console.type("hello"), 5u);
  EXPECT_EQ(drain(), "hello");
}

TEST_F(Serial8250Test, Polling_the_line_status_lets_input_in) {
  EXPECT_EQ(console.type("hi"), 0u);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(in(kLineStatus) & 0x01, 0);
  EXPECT_EQ(console.room_calls(), 1u);
  EXPECT_EQ(console.type("hi"), 2u);
  EXPECT_EQ(drain(), "hi");
}

TEST_F(Serial8250Test, Polled_output_does_not_let_input_in) {
  for (int i = 0; i < 100; ++i) {
    in(kLineStatus);
    out(kData, '.');
  }
  EXPECT_EQ(console.type("hi"), 0u);
}

TEST_F(Serial8250Test, Flood_of_input_is_taken_in_parts_and_nothing_is_lost) {
  out(kFifoControl, 0x01);
  out(kInterruptEnable, 0x01);
  std::string sent;
  for (int i = 0; i < 1000; ++i) sent += static_cast<char>('a' + i % 26);
  std::string got;
  std::string_view left = sent;
  while (!left.empty()) {
    const unsigned calls = console.room_calls();
    const size_t taken = console.type(left);
    ASSERT_GT(taken, 0u);
    left.remove_prefix(taken);
    got += drain();
    // Asked for more exactly where it had refused some.
    EXPECT_EQ(console.room_calls() - calls, left.empty() ? 0u : 1u);
  }
  EXPECT_EQ(got, sent);
  EXPECT_EQ(in(kLineStatus) & 0x02, 0);  // no overrun
}

TEST_F(Serial8250Test, Clearing_the_receive_fifo_drops_what_is_in_it) {
  out(kFifoControl, 0x01);
  out(kInterruptEnable, 0x01);
  console.type("stale");
  out(kFifoControl, 0x03);
  EXPECT_EQ(in(kLineStatus) & 0x01, 0);
  EXPECT_FALSE(irq.level());
}

TEST_F(Serial8250Test, Loopback_returns_bytes_and_keeps_them_off_the_console) {
  out(kFifoControl, 0x01);
  out(kModemControl, 0x10);
  out(kData, 'l');
  out(kData, 'p');
  EXPECT_EQ(drain(), "lp");
  EXPECT_EQ(console.printed(), "");
  EXPECT_EQ(console.type("x"), 0u);
}

TEST_F(Serial8250Test, Loopback_overruns_after_sixteen_bytes) {
  out(kFifoControl, 0x01);
  out(kModemControl, 0x10);
  for (int i = 0; i < 17; ++i) out(kData, static_cast<uint8_t>('a' + i));
  EXPECT_EQ(in(kLineStatus) & 0x03, 0x03);
  EXPECT_EQ(in(kLineStatus) & 0x02, 0x00);  // reading cleared it
  EXPECT_EQ(drain(), "abcdefghijklmnop");
}

TEST_F(Serial8250Test, Loopback_without_fifo_overwrites_the_one_register) {
  out(kModemControl, 0x10);
  out(kData, 'a');
  out(kData, 'b');
  EXPECT_EQ(in(kLineStatus) & 0x03, 0x03);
  EXPECT_EQ(drain(), "b");
}

TEST_F(Serial8250Test, Loopback_overrun_interrupts_as_line_status) {
  out(kModemControl, 0x10);
  out(kInterruptEnable, 0x04);
  out(kData, 'a');
  out(kData, 'b');
  EXPECT_TRUE(irq.level());
  EXPECT_EQ(in(kInterruptId), 0x06);
  in(kLineStatus);
  EXPECT_FALSE(irq.level());
}

// Drivers look for the chip this way: OUT2 and RTS come back as DCD and CTS.
TEST_F(Serial8250Test, Loopback_wires_the_modem_outputs_to_the_inputs) {
  EXPECT_EQ(in(kModemStatus) & 0xf0, 0xb0);
  out(kModemControl, 0x1a);
  EXPECT_EQ(in(kModemStatus) & 0xf0, 0x90);
  out(kModemControl, 0x15);
  EXPECT_EQ(in(kModemStatus) & 0xf0, 0x60);
}

TEST_F(Serial8250Test, Loopback_modem_changes_are_noted_and_interrupt) {
  out(kModemControl, 0x10);
  in(kModemStatus);
  out(kInterruptEnable, 0x08);
  out(kModemControl, 0x17);  // DTR, RTS, ring on: DSR and CTS changed
  EXPECT_TRUE(irq.level());
  EXPECT_EQ(in(kInterruptId), 0x00);
  EXPECT_EQ(in(kModemStatus) & 0x0f, 0x03);
  EXPECT_FALSE(irq.level());
  out(kModemControl, 0x13);  // ring off: the trailing edge
  EXPECT_EQ(in(kModemStatus) & 0x0f, 0x04);
}

TEST_F(Serial8250Test, Wide_accesses_reach_consecutive_registers) {
  port.write(kLineControl, AccessSize::k2, 0x0b03);
  EXPECT_EQ(in(kLineControl), 0x03);
  EXPECT_EQ(in(kModemControl), 0x0b);
  EXPECT_EQ(port.read(kLineControl, AccessSize::k2), 0x0b03u);
}

TEST_F(Serial8250Test, Reset_restores_power_on_state_and_lowers_the_interrupt) {
  out(kFifoControl, 0x01);
  out(kInterruptEnable, 0x03);
  console.type("left over");
  EXPECT_TRUE(irq.level());
  port.reset();
  EXPECT_FALSE(irq.level());
  EXPECT_EQ(in(kInterruptEnable), 0x00);
  EXPECT_EQ(in(kInterruptId), 0x01);
  EXPECT_EQ(in(kLineStatus), 0x60);
}

TEST(Serial8250, Detaches_from_the_console_when_destroyed) {
  FakeIrqLine irq;
  FakeConsole console;
  {
    Serial8250 port(irq, console);
    EXPECT_TRUE(console.attached());
  }
  EXPECT_FALSE(console.attached());
}

}  // namespace
}  // namespace lintel
