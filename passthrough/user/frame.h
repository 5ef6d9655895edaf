// SPDX-License-Identifier: Apache-2.0
// Cuts the stream of bytes from the server into messages.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "passthrough/user/protocol.h"

namespace lintel::passthrough::user {

// Never holds more than one message of at most kMaxPayload.
class FrameReader {
 public:
  enum class State { kIncomplete, kComplete, kMalformed };

  // Where the next bytes go; empty only if the message is complete or malformed.
  std::span<std::byte> space();
  // `count` bytes arrived there.
  State received(size_t count);

  // Of a complete message, until `next`.
  const Header& header() const { return header_; }
  std::span<const std::byte> payload() const { return payload_; }
  // Begins the next message.
  void next();

 private:
  Header header_;
  std::vector<std::byte> payload_;
  size_t filled_ = 0;  // bytes of the header and the payload
};

}  // namespace lintel::passthrough::user
