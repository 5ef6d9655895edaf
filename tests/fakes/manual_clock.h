// SPDX-License-Identifier: Apache-2.0
// A clock whose hands the test turns, and a timer that rings when the test says so.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>

#include "vmm/base/clock.h"
#include "vmm/base/timer.h"

namespace lintel {

class ManualClock final : public Clock {
 public:
  ManualClock() = default;
  explicit ManualClock(std::chrono::nanoseconds realtime) : realtime_(realtime.count()) {}

  std::chrono::nanoseconds monotonic() const override {
    return std::chrono::nanoseconds(monotonic_.load());
  }
  std::chrono::nanoseconds realtime() const override {
    return std::chrono::nanoseconds(realtime_.load());
  }

  void advance(std::chrono::nanoseconds by) {
    monotonic_ += by.count();
    realtime_ += by.count();
  }
  // As if an administrator set the host's time.
  void set_realtime(std::chrono::nanoseconds to) { realtime_ = to.count(); }

 private:
  std::atomic<int64_t> monotonic_{0};
  std::atomic<int64_t> realtime_{0};
};

// Not for use from several threads.
class ManualTimer final : public Timer {
 public:
  explicit ManualTimer(const ManualClock& clock) : clock_(clock) {}

  void on_expiry(std::function<void()> callback) override { callback_ = std::move(callback); }
  void arm(std::chrono::nanoseconds delay) override { due_ = clock_.monotonic() + delay; }
  void disarm() override { due_.reset(); }

  // How long until it expires; none while it is not armed.
  std::optional<std::chrono::nanoseconds> armed() const {
    if (!due_) return std::nullopt;
    return *due_ - clock_.monotonic();
  }
  bool has_callback() const { return static_cast<bool>(callback_); }
  void expire() {
    due_.reset();
    callback_();
  }

 private:
  const ManualClock& clock_;
  std::optional<std::chrono::nanoseconds> due_;
  std::function<void()> callback_;
};

}  // namespace lintel
