// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/serial_receiver.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace lintel {
namespace {

class SerialReceiverTest : public testing::Test {
 protected:
  size_t type(std::string_view text, size_t limit) {
    return receiver.take(std::as_bytes(std::span(text)), limit);
  }
  std::string drain() {
    std::string text;
    while (!receiver.empty()) text += static_cast<char>(receiver.pop());
    return text;
  }

  SerialReceiver<8> receiver;
};

TEST_F(SerialReceiverTest, Bytes_leave_in_the_order_they_came_round_the_end_of_the_queue) {
  for (const char* text : {"abcde", "fghij", "klmno"}) {
    EXPECT_EQ(type(text, 8), 5u);
    EXPECT_EQ(receiver.size(), 5u);
    EXPECT_EQ(drain(), text);
  }
}

TEST_F(SerialReceiverTest, Input_beyond_the_limit_is_refused) {
  EXPECT_EQ(type("abcdefghij", 8), 8u);
  EXPECT_EQ(type("i", 8), 0u);
  EXPECT_EQ(drain(), "abcdefgh");
  EXPECT_EQ(type("ij", 1), 1u);
  EXPECT_EQ(drain(), "i");
}

TEST_F(SerialReceiverTest, Limit_below_what_is_queued_refuses_all) {
  EXPECT_EQ(type("abcd", 8), 4u);
  EXPECT_EQ(type("e", 2), 0u);
  EXPECT_EQ(type("e", 0), 0u);
  EXPECT_EQ(drain(), "abcd");
}

TEST_F(SerialReceiverTest, Refused_input_is_claimed_once_when_half_is_free) {
  type("abcdefghij", 8);
  for (int i = 0; i < 3; ++i) {
    receiver.pop();
    EXPECT_FALSE(receiver.claim_refused(8)) << receiver.size();
  }
  receiver.pop();
  EXPECT_FALSE(receiver.claim_refused(0)) << "not while the port takes none";
  EXPECT_TRUE(receiver.claim_refused(8));
  EXPECT_FALSE(receiver.claim_refused(8));
}

TEST_F(SerialReceiverTest, Input_that_was_taken_whole_is_not_claimed) {
  type("abcdefghij", 8);
  receiver.clear();
  type("ij", 8);
  EXPECT_EQ(drain(), "ij");
  EXPECT_FALSE(receiver.claim_refused(8));
}

TEST_F(SerialReceiverTest, Reset_empties_the_queue_and_still_claims_what_was_refused) {
  type("abcdefghij", 8);
  for (int i = 0; i < 4; ++i) receiver.polled_in_vain();
  receiver.reset();
  EXPECT_TRUE(receiver.empty());
  EXPECT_FALSE(receiver.is_polled());
  EXPECT_TRUE(receiver.claim_refused(8));
}

TEST_F(SerialReceiverTest, Four_looks_in_a_row_that_find_nothing_are_polling) {
  for (int i = 0; i < 3; ++i) receiver.polled_in_vain();
  receiver.not_polled();
  for (int i = 0; i < 3; ++i) receiver.polled_in_vain();
  EXPECT_FALSE(receiver.is_polled());
  receiver.polled_in_vain();
  EXPECT_TRUE(receiver.is_polled());
  for (int i = 0; i < 100; ++i) receiver.polled_in_vain();
  receiver.not_polled();
  EXPECT_FALSE(receiver.is_polled());
}

}  // namespace
}  // namespace lintel
