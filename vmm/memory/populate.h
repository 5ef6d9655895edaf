// SPDX-License-Identifier: Apache-2.0
// Allocates memory before its first use. The kernel clears each page, which takes most of the time
// that passing a device to a large guest takes, and several threads can do it at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "vmm/base/clock.h"
#include "vmm/base/types.h"

namespace lintel {

struct PopulateOptions {
  unsigned threads = 1;         // the caller's among them
  uint64_t piece = 128 * kMiB;  // that a thread takes at a time
  // Called by the caller's thread, now and then.
  std::function<void(uint64_t done)> progress = {};
  // Asked by each thread before each piece: true ends it. Threads: any.
  std::function<bool()> cancelled = {};
};

// What is in the memory stays as it is, and who uses it meanwhile is not disturbed. Throws Error if
// there is not enough memory, or it was cancelled.
void populate(std::span<std::byte> memory, const PopulateOptions& options);

// Its way where the kernel has no call for it.
void touch_pages(std::span<std::byte> memory);

// As many threads as help.
unsigned populate_threads();

// Of a long task: tells how far it is, every few seconds.
class Progress {
 public:
  static constexpr std::chrono::nanoseconds kInterval = std::chrono::seconds(2);

  // The clock outlives it.
  Progress(const Clock& clock, std::function<void(uint64_t done)> tell)
      : clock_(clock), tell_(std::move(tell)), told_(clock.monotonic()) {}

  void at(uint64_t done) {
    const auto now = clock_.monotonic();
    if (now - told_ < kInterval) return;
    told_ = now;
    tell_(done);
  }

 private:
  const Clock& clock_;
  const std::function<void(uint64_t done)> tell_;
  std::chrono::nanoseconds told_;
};

}  // namespace lintel
