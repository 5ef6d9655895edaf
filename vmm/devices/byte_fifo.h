// SPDX-License-Identifier: Apache-2.0
// The receive queue of a serial port.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace lintel {

template <size_t capacity>
class ByteFifo {
 public:
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void clear() { size_ = 0; }
  // The caller sees to it that there is room, or a byte.
  void push(uint8_t value) { bytes_[(head_ + size_++) % capacity] = value; }
  uint8_t pop() {
    const uint8_t value = bytes_[head_];
    head_ = (head_ + 1) % capacity;
    --size_;
    return value;
  }

 private:
  size_t head_ = 0;
  size_t size_ = 0;
  std::array<uint8_t, capacity> bytes_{};
};

}  // namespace lintel
