// SPDX-License-Identifier: Apache-2.0
// A timer that any thread may arm and whose callback runs on a loop's thread.
#pragma once

#include <chrono>
#include <functional>

#include "vmm/base/event_loop.h"
#include "vmm/base/unique_fd.h"

namespace lintel {

// Threads: any, but `on_expiry` not under a lock that the callback takes. A callback that was due
// may still come after `arm` or `disarm` returned, so it asks its owner's state whether there is
// something to do.
class Timer {
 public:
  virtual ~Timer() = default;
  // What to call; null: nothing. After the return the previous callback is not called again.
  virtual void on_expiry(std::function<void()> callback) = 0;
  // One expiry after `delay` (at once for zero or less), in place of any that was armed.
  virtual void arm(std::chrono::nanoseconds delay) = 0;
  virtual void disarm() = 0;
};

// Constructed and destroyed on any thread.
class LoopTimer final : public Timer {
 public:
  explicit LoopTimer(EventLoop& loop);
  ~LoopTimer() override;
  LoopTimer(const LoopTimer&) = delete;
  LoopTimer& operator=(const LoopTimer&) = delete;

  void on_expiry(std::function<void()> callback) override;
  void arm(std::chrono::nanoseconds delay) override;
  void disarm() override;

 private:
  EventLoop& loop_;
  UniqueFd fd_;
  std::function<void()> callback_;
};

}  // namespace lintel
