// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/escape_filter.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace lintel {
namespace {

std::string keys(const EscapeFilter::Result& result) {
  return {reinterpret_cast<const char*>(result.keys.data()), result.keys.size()};
}

EscapeFilter::Result feed(EscapeFilter& filter, std::string_view text) {
  return filter.feed(std::as_bytes(std::span(text)));
}

TEST(EscapeFilter, Plain_keys_pass) {
  EscapeFilter filter;
  EXPECT_EQ(keys(feed(filter, "ls -l\r\x03x?")), "ls -l\r\x03x?");
}

TEST(EscapeFilter, Ctrl_a_x_quits_also_in_two_parts) {
  EscapeFilter filter;
  EXPECT_TRUE(feed(filter, "\x01x").quit);
  EXPECT_FALSE(feed(filter, "ab\x01").quit);
  const auto result = feed(filter, "xcd");
  EXPECT_TRUE(result.quit);
  EXPECT_EQ(keys(result), "");
}

TEST(EscapeFilter, Ctrl_a_twice_is_one_for_the_guest) {
  EscapeFilter filter;
  EXPECT_EQ(keys(feed(filter, "\x01\x01x")), "\x01x");
}

TEST(EscapeFilter, Ctrl_a_question_mark_asks_for_help) {
  EscapeFilter filter;
  const auto result = feed(filter, "a\x01?b");
  EXPECT_TRUE(result.help);
  EXPECT_EQ(keys(result), "ab");
}

// In a shell Ctrl-a goes to the start of the line; typing on must work.
TEST(EscapeFilter, Ctrl_a_and_another_key_pass_as_typed) {
  EscapeFilter filter;
  EXPECT_EQ(keys(feed(filter, "\x01")), "");
  EXPECT_EQ(keys(feed(filter, "e")),
            "\x01"
            "e");
}

}  // namespace
}  // namespace lintel
