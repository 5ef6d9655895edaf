// SPDX-License-Identifier: Apache-2.0
#include "passthrough/user/frame.h"

namespace lintel::passthrough::user {

std::span<std::byte> FrameReader::space() {
  if (filled_ < sizeof header_) {
    return std::as_writable_bytes(std::span(&header_, 1)).subspan(filled_);
  }
  return std::span(payload_).subspan(filled_ - sizeof header_);
}

FrameReader::State FrameReader::received(size_t count) {
  const bool had_header = filled_ >= sizeof header_;
  filled_ += count;
  if (filled_ < sizeof header_) return State::kIncomplete;
  if (!had_header) {
    if (header_.size < sizeof header_ || header_.size - sizeof header_ > kMaxPayload) {
      return State::kMalformed;
    }
    payload_.resize(header_.size - sizeof header_);
  }
  return filled_ == header_.size ? State::kComplete : State::kIncomplete;
}

void FrameReader::next() {
  payload_.clear();
  filled_ = 0;
}

}  // namespace lintel::passthrough::user
