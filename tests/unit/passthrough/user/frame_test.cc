// SPDX-License-Identifier: Apache-2.0
#include "passthrough/user/frame.h"

#include <algorithm>
#include <cstring>

#include <gtest/gtest.h>

namespace lintel::passthrough::user {
namespace {

std::vector<std::byte> message(uint16_t id, uint32_t size, size_t payload) {
  const Header header{.id = id, .command = 9, .size = size, .flags = 1};
  const auto head = bytes_of(header);
  std::vector<std::byte> bytes(head.begin(), head.end());
  for (size_t i = 0; i < payload; ++i) bytes.push_back(static_cast<std::byte>(i + 1));
  return bytes;
}

// Gives the bytes in pieces of at most `step`, as a socket would.
FrameReader::State feed(FrameReader& reader, std::span<const std::byte> bytes, size_t step) {
  auto state = FrameReader::State::kIncomplete;
  while (!bytes.empty() && state == FrameReader::State::kIncomplete) {
    const auto space = reader.space();
    const size_t count = std::min({space.size(), bytes.size(), step});
    std::copy_n(bytes.begin(), count, space.begin());
    bytes = bytes.subspan(count);
    state = reader.received(count);
  }
  EXPECT_TRUE(bytes.empty() || state == FrameReader::State::kMalformed);
  return state;
}

TEST(FrameReader, Message_is_complete_with_its_last_byte_whatever_the_pieces) {
  for (const size_t step : {1, 3, 16, 100}) {
    FrameReader reader;
    for (const uint16_t id : {7, 8}) {
      const auto bytes = message(id, 16 + 5, 5);
      EXPECT_EQ(feed(reader, std::span(bytes).first(20), step), FrameReader::State::kIncomplete);
      EXPECT_EQ(feed(reader, std::span(bytes).subspan(20), step), FrameReader::State::kComplete);
      EXPECT_EQ(reader.header().id, id);
      EXPECT_TRUE(std::ranges::equal(reader.payload(), std::span(bytes).subspan(16)));
      reader.next();
    }
  }
}

TEST(FrameReader, Header_alone_is_a_message) {
  FrameReader reader;
  EXPECT_EQ(feed(reader, message(1, 16, 0), 16), FrameReader::State::kComplete);
  EXPECT_TRUE(reader.payload().empty());
}

TEST(FrameReader, Sizes_that_no_message_has_are_malformed) {
  for (const uint32_t size : {0u, 15u, static_cast<uint32_t>(16 + kMaxPayload + 1), UINT32_MAX}) {
    FrameReader reader;
    EXPECT_EQ(feed(reader, message(1, size, 0), 16), FrameReader::State::kMalformed) << size;
  }
  FrameReader reader;
  EXPECT_EQ(feed(reader, message(1, 16 + kMaxPayload, 0), 16), FrameReader::State::kIncomplete);
  EXPECT_EQ(reader.space().size(), kMaxPayload);
}

}  // namespace
}  // namespace lintel::passthrough::user
