// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/gic_v2m.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_irq.h"

namespace lintel {
namespace {

constexpr uint64_t kBase = 0x8020000;
constexpr uint64_t kSetSpi = 0x40;
// SPI 48 has the INTID 80.
constexpr uint32_t kFirst = 80;
constexpr uint32_t kCount = 64;

using Inputs = std::vector<Gsi>;

class GicV2mTest : public ::testing::Test {
 protected:
  static MsiMessage message(uint32_t number) { return {kBase + kSetSpi, number}; }

  FakeEdgeInputs inputs_;
  GicV2m frame_{{GuestAddress(kBase), Spi(48), kCount}, inputs_};
};

TEST_F(GicV2mTest, Type_says_which_interrupts_are_its) {
  EXPECT_EQ(frame_.read(0x008, AccessSize::k4), kFirst << 16 | kCount);
  EXPECT_EQ(frame_.read(0x008, AccessSize::k2), kCount);
  EXPECT_EQ(frame_.read(0xfcc, AccessSize::k4), 0u);
  EXPECT_EQ(frame_.read(kSetSpi, AccessSize::k4), 0u);
}

TEST_F(GicV2mTest, Write_raises_the_interrupt) {
  frame_.write(kSetSpi, AccessSize::k4, kFirst);
  frame_.write(kSetSpi, AccessSize::k2, kFirst + kCount - 1);
  EXPECT_EQ(inputs_.take(), (Inputs{Gsi(48), Gsi(111)}));
}

TEST_F(GicV2mTest, Reserved_bits_do_not_count) {
  frame_.write(kSetSpi, AccessSize::k4, 0xfffffc00 | kFirst);
  EXPECT_EQ(inputs_.take(), Inputs{Gsi(48)});
  EXPECT_EQ(frame_.input_of(message(0xfffffc00 | kFirst)), Gsi(48));
}

TEST_F(GicV2mTest, Interrupts_of_others_are_out_of_reach) {
  for (const uint32_t number : {0u, 15u, 33u, kFirst - 1, kFirst + kCount, 0x3ffu, UINT32_MAX}) {
    frame_.write(kSetSpi, AccessSize::k4, number);
    EXPECT_EQ(frame_.input_of(message(number)), std::nullopt) << number;
  }
  frame_.write(kSetSpi, AccessSize::k1, kFirst);
  frame_.write(0x008, AccessSize::k4, kFirst);
  frame_.write(kSetSpi + 4, AccessSize::k4, kFirst);
  EXPECT_EQ(inputs_.take(), Inputs{});
}

TEST_F(GicV2mTest, Message_elsewhere_is_lost) {
  const auto vector = frame_.make_vector(0);
  for (const uint64_t address : {kBase, kBase + kSetSpi + 4, kSetSpi, kBase + kSetSpi + 4 * kGiB}) {
    vector->route(MsiMessage{address, kFirst});
    EXPECT_TRUE(vector->trigger());  // sent, so the caller keeps nothing pending
  }
  vector->route(message(kFirst - 1));
  EXPECT_TRUE(vector->trigger());
  EXPECT_EQ(inputs_.take(), Inputs{});
}

TEST_F(GicV2mTest, Vector_raises_what_its_message_says) {
  const auto vector = frame_.make_vector(0);
  EXPECT_FALSE(vector->trigger());
  vector->route(message(kFirst + 5));
  EXPECT_TRUE(vector->trigger());
  vector->route(message(kFirst + 6));
  EXPECT_TRUE(vector->trigger());
  vector->route(std::nullopt);
  EXPECT_FALSE(vector->trigger());
  EXPECT_EQ(inputs_.take(), (Inputs{Gsi(53), Gsi(54)}));
  EXPECT_EQ(inputs_.attached(), 0u);  // nobody asked for an eventfd
}

TEST_F(GicV2mTest, Eventfd_follows_the_message) {
  const auto vector = frame_.make_vector(0);
  const int event_fd = vector->event_fd();
  const auto signal = [&] {
    const uint64_t one = 1;
    ASSERT_EQ(::write(event_fd, &one, sizeof one), static_cast<ssize_t>(sizeof one));
    inputs_.deliver_events();
  };
  vector->route(message(kFirst + 1));
  signal();
  EXPECT_EQ(inputs_.take(), Inputs{Gsi(49)});
  vector->route(message(kFirst + 2));
  signal();
  EXPECT_EQ(inputs_.take(), Inputs{Gsi(50)});
  EXPECT_EQ(vector->event_fd(), event_fd);
  EXPECT_EQ(inputs_.attached(), 1u);
}

TEST_F(GicV2mTest, Signal_of_a_masked_vector_waits) {
  const auto vector = frame_.make_vector(0);
  vector->route(message(kFirst));
  const int event_fd = vector->event_fd();
  vector->route(std::nullopt);
  const uint64_t one = 1;
  ASSERT_EQ(::write(event_fd, &one, sizeof one), static_cast<ssize_t>(sizeof one));
  inputs_.deliver_events();
  EXPECT_EQ(inputs_.take(), Inputs{});
  vector->route(message(kFirst));
  EXPECT_EQ(inputs_.take(), Inputs{Gsi(48)});
}

TEST_F(GicV2mTest, Vector_takes_its_eventfd_along) {
  auto vector = frame_.make_vector(0);
  vector->route(message(kFirst));
  vector->event_fd();
  EXPECT_EQ(inputs_.attached(), 1u);
  vector.reset();
  EXPECT_EQ(inputs_.attached(), 0u);
}

TEST_F(GicV2mTest, Refused_eventfd_is_a_lost_interrupt_and_no_more) {
  inputs_.refuse(true);
  const auto vector = frame_.make_vector(0);
  vector->route(message(kFirst));
  EXPECT_NO_THROW(vector->event_fd());
  EXPECT_TRUE(vector->trigger());
  inputs_.refuse(false);
  vector->route(message(kFirst));
  EXPECT_EQ(inputs_.attached(), 1u);
}

}  // namespace
}  // namespace lintel
