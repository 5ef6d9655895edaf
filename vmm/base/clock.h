// SPDX-License-Identifier: Apache-2.0
// The host's clocks as device models see them, so that a test can turn the hands.
#pragma once

#include <chrono>

namespace lintel {

// Threads: any.
class Clock {
 public:
  virtual ~Clock() = default;
  // Since an arbitrary start; never goes back.
  virtual std::chrono::nanoseconds monotonic() const = 0;
  // Since 1970-01-01 00:00 UTC; jumps when the host's time is set.
  virtual std::chrono::nanoseconds realtime() const = 0;
};

class SystemClock final : public Clock {
 public:
  std::chrono::nanoseconds monotonic() const override {
    return std::chrono::steady_clock::now().time_since_epoch();
  }
  std::chrono::nanoseconds realtime() const override {
    return std::chrono::system_clock::now().time_since_epoch();
  }
};

}  // namespace lintel
