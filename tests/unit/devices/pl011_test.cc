// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/pl011.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/fakes/fake_console.h"
#include "tests/fakes/fake_irq.h"

namespace lintel {
namespace {

constexpr uint64_t kData = 0x00;
constexpr uint64_t kReceiveStatus = 0x04;
constexpr uint64_t kFlags = 0x18;
constexpr uint64_t kIrdaDivisor = 0x20;
constexpr uint64_t kIntegerDivisor = 0x24;
constexpr uint64_t kFractionalDivisor = 0x28;
constexpr uint64_t kLineControl = 0x2c;
constexpr uint64_t kControl = 0x30;
constexpr uint64_t kFifoLevels = 0x34;
constexpr uint64_t kMask = 0x38;
constexpr uint64_t kRaw = 0x3c;
constexpr uint64_t kMasked = 0x40;
constexpr uint64_t kClear = 0x44;
constexpr uint64_t kDmaControl = 0x48;

constexpr uint32_t kReceiveFull = 0x40;   // flags
constexpr uint32_t kReceiveEmpty = 0x10;  // flags
constexpr uint32_t kReceive = 0x10;       // interrupts
constexpr uint32_t kTransmit = 0x20;
constexpr uint32_t kTimeout = 0x40;
constexpr uint32_t kOverrun = 0x400;

class Pl011Test : public testing::Test {
 protected:
  uint32_t in(uint64_t offset) { return static_cast<uint32_t>(port.read(offset, AccessSize::k4)); }
  void out(uint64_t offset, uint32_t value) { port.write(offset, AccessSize::k4, value); }
  std::string drain() {
    std::string text;
    while ((in(kFlags)&kReceiveEmpty) == 0) text += static_cast<char>(in(kData));
    return text;
  }
  void enable(uint32_t more = 0) { out(kControl, 0x301 | more); }
  // FIFOs on, and interrupts for input, as a driver does.
  void listen() {
    out(kLineControl, 0x70);
    enable();
    out(kMask, kReceive | kTimeout);
  }

  FakeIrqLine irq;
  FakeConsole console;
  Pl011 port{irq, console};
};

TEST_F(Pl011Test, Identification_is_that_of_the_cell_with_fifos_of_sixteen) {
  std::string ids;
  for (uint64_t offset = 0xfe0; offset < 0x1000; offset += 4) ids += static_cast<char>(in(offset));
  EXPECT_EQ(ids, std::string("\x11\x10\x14\x00\x0d\xf0\x05\xb1", 8));
}

TEST_F(Pl011Test, Registers_have_the_values_of_the_manual_after_reset) {
  EXPECT_EQ(in(kControl), 0x300u);
  EXPECT_EQ(in(kFifoLevels), 0x12u);
  EXPECT_EQ(in(kFlags) & 0xf8, 0x90u);
  for (const uint64_t zero :
       {kData, kReceiveStatus, kIrdaDivisor, kIntegerDivisor, kFractionalDivisor, kLineControl,
        kMask, kRaw, kMasked, kDmaControl}) {
    EXPECT_EQ(in(zero), 0u) << zero;
  }
}

TEST_F(Pl011Test, Registers_keep_the_bits_that_exist) {
  for (const uint64_t offset : {kIrdaDivisor, kIntegerDivisor, kFractionalDivisor, kLineControl,
                                kControl, kFifoLevels, kMask, kDmaControl, kRaw, kFlags}) {
    out(offset, 0xffffffff);
  }
  EXPECT_EQ(in(kIrdaDivisor), 0xffu);
  EXPECT_EQ(in(kIntegerDivisor), 0xffffu);
  EXPECT_EQ(in(kFractionalDivisor), 0x3fu);
  EXPECT_EQ(in(kLineControl), 0xffu);
  EXPECT_EQ(in(kControl), 0xff87u);
  EXPECT_EQ(in(kFifoLevels), 0x3fu);
  EXPECT_EQ(in(kMask), 0x7ffu);
  EXPECT_EQ(in(kDmaControl), 0x7u);
  EXPECT_EQ(in(kRaw), 0u);
}

TEST_F(Pl011Test, Output_is_on_the_console_when_the_write_returns) {
  out(kData, 'h');
  EXPECT_EQ(console.printed(), "h");
  port.write(kData, AccessSize::k2, 'i');
  port.write(kData, AccessSize::k1, '!');
  EXPECT_EQ(console.printed(), "hi!");
  EXPECT_EQ(in(kFlags) & 0xa8, 0x80u) << "empty, not full, not busy";
}

TEST_F(Pl011Test, Transmit_interrupt_follows_output_until_cleared) {
  out(kMask, kTransmit);
  EXPECT_FALSE(irq.level());
  out(kData, 'x');
  EXPECT_TRUE(irq.level());
  EXPECT_EQ(in(kMasked), kTransmit);
  out(kClear, ~kTransmit);
  EXPECT_TRUE(irq.level());
  out(kClear, kTransmit);
  EXPECT_FALSE(irq.level());
  EXPECT_EQ(in(kRaw), 0u);
}

TEST_F(Pl011Test, Mask_hides_interrupts_but_not_from_the_raw_status) {
  out(kData, 'x');
  EXPECT_EQ(in(kRaw), kTransmit);
  EXPECT_EQ(in(kMasked), 0u);
  EXPECT_FALSE(irq.level());
  out(kMask, kTransmit);
  EXPECT_TRUE(irq.level());
  out(kMask, 0);
  EXPECT_FALSE(irq.level());
}

TEST_F(Pl011Test, Sixteen_bytes_without_acknowledging_are_one_interrupt) {
  out(kMask, kTransmit);
  for (int i = 0; i < 16; ++i) out(kData, 'x');
  EXPECT_EQ(irq.rises(), 1u);
  EXPECT_EQ(irq.sets(), 1u);
}

TEST_F(Pl011Test, Received_data_interrupts_until_it_is_read) {
  listen();
  EXPECT_EQ(console.type("ab"), 2u);
  EXPECT_TRUE(irq.level());
  EXPECT_EQ(in(kMasked), kTimeout) << "below the trigger level";
  EXPECT_EQ(in(kData), uint32_t{'a'});
  EXPECT_TRUE(irq.level());
  EXPECT_EQ(in(kData), uint32_t{'b'});
  EXPECT_FALSE(irq.level());
  EXPECT_EQ(in(kData), 0u);
  EXPECT_EQ(in(kFlags)&kReceiveEmpty, kReceiveEmpty);
}

TEST_F(Pl011Test, Trigger_level_is_in_eighths_of_the_fifo) {
  constexpr std::array<size_t, 5> kLevels = {2, 4, 8, 12, 14};
  listen();
  for (uint32_t select = 0; select < kLevels.size(); ++select) {
    out(kFifoLevels, select << 3);
    console.type(std::string(kLevels[select] - 1, 'x'));
    EXPECT_EQ(in(kRaw)&kReceive, 0u) << select;
    console.type("x");
    EXPECT_EQ(in(kRaw)&kReceive, kReceive) << select;
    in(kData);
    EXPECT_EQ(in(kRaw)&kReceive, 0u) << select;
    drain();
  }
}

TEST_F(Pl011Test, Clearing_the_timeout_while_there_is_input_loses_no_interrupt) {
  listen();
  console.type("0123456789");
  EXPECT_EQ(in(kMasked), kReceive | kTimeout);
  out(kClear, kReceive | kTimeout);
  EXPECT_EQ(in(kMasked), kTimeout);
  EXPECT_TRUE(irq.level());
  drain();
  EXPECT_FALSE(irq.level());
}

TEST_F(Pl011Test, Without_fifos_one_byte_is_held) {
  enable();
  out(kMask, kReceive);
  EXPECT_EQ(console.type("ab"), 1u);
  EXPECT_EQ(in(kFlags) & (kReceiveFull | kReceiveEmpty), kReceiveFull);
  EXPECT_EQ(in(kRaw), kReceive | kTimeout);
  EXPECT_EQ(console.room_calls(), 0u);
  EXPECT_EQ(in(kData), uint32_t{'a'});
  EXPECT_EQ(in(kRaw), 0u);
  EXPECT_EQ(console.room_calls(), 1u);
}

TEST_F(Pl011Test, Fifo_holds_sixteen_and_says_that_it_is_full) {
  listen();
  EXPECT_EQ(console.type("0123456789abcdefgh"), 16u);
  EXPECT_EQ(in(kFlags)&kReceiveFull, kReceiveFull);
  EXPECT_EQ(drain(), "0123456789abcdef");
  EXPECT_EQ(console.room_calls(), 1u);
}

TEST_F(Pl011Test, Input_waits_until_the_guest_wants_it) {
  EXPECT_EQ(console.type("hello"), 0u);
  out(kClear, 0x7ff);  // what a starting driver does: clear everything,
  out(kMask, kReceive | kTimeout);
  EXPECT_EQ(console.type("hello"), 0u) << "the receiver is off";
  out(kMask, 0);
  out(kLineControl, 0x70);
  enable();
  in(kFlags);  // and read once what might be there
  in(kData);
  EXPECT_EQ(console.room_calls(), 0u);
  EXPECT_EQ(console.type("hello"), 0u);
  out(kMask, kTimeout);
  EXPECT_EQ(console.room_calls(), 1u);
  EXPECT_EQ(console.type("hello"), 5u);
  EXPECT_EQ(drain(), "hello");
}

TEST_F(Pl011Test, Polling_the_flags_lets_input_in) {
  out(kLineControl, 0x70);
  enable();
  EXPECT_EQ(console.type("hi"), 0u);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(in(kFlags)&kReceiveEmpty, kReceiveEmpty);
  EXPECT_EQ(console.room_calls(), 1u);
  EXPECT_EQ(console.type("hi"), 2u);
  EXPECT_EQ(drain(), "hi");
}

TEST_F(Pl011Test, Polled_output_does_not_let_input_in) {
  enable();
  for (int i = 0; i < 100; ++i) {
    in(kFlags);
    out(kData, '.');
    in(kFlags);
  }
  EXPECT_EQ(console.type("hi"), 0u);
}

TEST_F(Pl011Test, Flood_of_input_is_taken_in_parts_and_nothing_is_lost) {
  listen();
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
  EXPECT_EQ(in(kReceiveStatus), 0u);
}

TEST_F(Pl011Test, Switching_the_fifos_off_flushes_them_and_on_does_not) {
  listen();
  console.type("stale input");
  out(kLineControl, 0x60);
  EXPECT_EQ(in(kFlags)&kReceiveEmpty, kReceiveEmpty);
  EXPECT_EQ(in(kRaw), 0u);
  EXPECT_FALSE(irq.level());
  console.type("k");
  out(kLineControl, 0x70);
  EXPECT_EQ(drain(), "k");
}

TEST_F(Pl011Test, Loopback_returns_bytes_and_keeps_them_off_the_console) {
  listen();
  enable(0x80);
  out(kData, 'l');
  out(kData, 'p');
  EXPECT_EQ(in(kRaw), kTransmit | kTimeout);
  EXPECT_EQ(drain(), "lp");
  EXPECT_EQ(console.printed(), "");
  EXPECT_EQ(console.type("x"), 0u);
}

TEST_F(Pl011Test, Loopback_overruns_after_sixteen_bytes) {
  listen();
  out(kMask, kOverrun);
  enable(0x80);
  for (uint32_t i = 0; i < 16; ++i) out(kData, 'a' + i);
  EXPECT_FALSE(irq.level());
  out(kData, 'q');
  EXPECT_TRUE(irq.level());
  EXPECT_EQ(in(kReceiveStatus), 8u);
  out(kReceiveStatus, 0);
  EXPECT_EQ(in(kReceiveStatus), 0u);
  EXPECT_TRUE(irq.level());
  out(kClear, kOverrun);
  EXPECT_FALSE(irq.level());
  EXPECT_EQ(drain(), "abcdefghijklmnop");
}

TEST_F(Pl011Test, Loopback_wires_the_modem_outputs_to_the_inputs) {
  EXPECT_EQ(in(kFlags) & 0x107, 0x007u) << "a peer that is there and ready";
  enable(0x80);
  EXPECT_EQ(in(kFlags) & 0x107, 0u);
  EXPECT_EQ(in(kRaw), 0u) << "no edge on a line";
  enable(0x80 | 0x0c00);  // DTR, RTS
  EXPECT_EQ(in(kFlags) & 0x107, 0x003u);
  EXPECT_EQ(in(kRaw), 0x0au);
  enable(0x80 | 0x3c00);  // Out1, Out2 too
  EXPECT_EQ(in(kFlags) & 0x107, 0x107u);
  EXPECT_EQ(in(kRaw), 0x0fu);
  out(kClear, 0x0f);
  EXPECT_EQ(in(kRaw), 0u);
}

TEST_F(Pl011Test, Reset_restores_power_on_state_and_lowers_the_interrupt) {
  listen();
  console.type("left over");
  out(kIntegerDivisor, 13);
  EXPECT_TRUE(irq.level());
  port.reset();
  EXPECT_FALSE(irq.level());
  EXPECT_EQ(in(kIntegerDivisor), 0u);
  EXPECT_EQ(in(kControl), 0x300u);
  EXPECT_EQ(in(kFlags) & 0xf8, 0x90u);
}

TEST(Pl011, Detaches_from_the_console_when_destroyed) {
  FakeIrqLine irq;
  FakeConsole console;
  {
    Pl011 port(irq, console);
    EXPECT_TRUE(console.attached());
  }
  EXPECT_FALSE(console.attached());
}

}  // namespace
}  // namespace lintel
