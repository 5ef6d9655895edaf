// SPDX-License-Identifier: Apache-2.0
// Numbers from the input of a fuzz target; zeros behind its end.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "vmm/base/endian.h"

namespace lintel::fuzz {

inline void check(bool holds) {
  if (!holds) std::abort();
}

class Input {
 public:
  explicit Input(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  uint64_t take(size_t count) {
    const size_t available = std::min(count, bytes_.size());
    const uint64_t value = load_le_bytes(bytes_.data(), available);
    bytes_ = bytes_.subspan(available);
    return value;
  }
  std::span<const uint8_t> rest() const { return bytes_; }

 private:
  std::span<const uint8_t> bytes_;
};

}  // namespace lintel::fuzz
