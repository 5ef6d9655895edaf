// SPDX-License-Identifier: Apache-2.0
// The receiving half of a serial port: the queue that the guest reads, and the console's input that
// had to wait for it.
//
// Drivers empty the receiver when they start. Input that was piped in before would lose its first
// bytes there, so a port takes input only once the guest waits for some: by interrupt, which the
// port knows of, or by polling, which is counted here.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lintel {

// Threads: not safe; the port's lock guards it.
template <size_t capacity>
class SerialReceiver {
 public:
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // The caller sees to it that there is room, or a byte.
  void push(uint8_t value) { bytes_[(head_ + size_++) % capacity] = value; }
  uint8_t pop() {
    const uint8_t value = bytes_[head_];
    head_ = (head_ + 1) % capacity;
    --size_;
    return value;
  }
  void clear() { size_ = 0; }

  // The guest looked for input and found none; it did something else.
  void polled_in_vain() {
    if (idle_polls_ < kIdlePolls) ++idle_polls_;
  }
  void not_polled() { idle_polls_ = 0; }
  // So many looks in a row mean that it waits for input.
  bool is_polled() const { return idle_polls_ >= kIdlePolls; }

  // Queues as much of the input, from its first byte on, as brings the queue to `limit` bytes,
  // which is 0 while the port takes none. Returns how many bytes that was; the console keeps the
  // others.
  size_t take(std::span<const std::byte> input, size_t limit) {
    const size_t taken = std::min(input.size(), limit - std::min(limit, size_));
    for (const std::byte byte : input.first(taken)) push(static_cast<uint8_t>(byte));
    refused_ = taken < input.size();
    return taken;
  }
  // True if the console keeps input that could be taken now, with the `limit` of now; says so only
  // once. Half of it must be free, so that a stream of input costs few turns of the console's loop.
  bool claim_refused(size_t limit) {
    if (!refused_ || limit == 0 || size_ > limit / 2) return false;
    refused_ = false;
    return true;
  }

  // As when the port is switched on; what the console keeps, it keeps.
  void reset() {
    clear();
    not_polled();
  }

 private:
  static constexpr unsigned kIdlePolls = 4;

  size_t head_ = 0;
  size_t size_ = 0;
  std::array<uint8_t, capacity> bytes_{};
  unsigned idle_polls_ = 0;
  bool refused_ = false;
};

}  // namespace lintel
