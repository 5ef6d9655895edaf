// SPDX-License-Identifier: Apache-2.0
// How many interrupts a guest is given in a time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace lintel::passthrough::pci {

// A level interrupt that nobody handles comes again as soon as it is unmasked, as fast as the host
// and the guest can go. Unmasked later, it leaves time for what would handle it.
//
// Arithmetic without a clock; not for use from several threads.
class Pace {
 public:
  using Time = std::chrono::nanoseconds;  // since any start

  static constexpr Time kWindow = std::chrono::milliseconds(100);
  static constexpr uint32_t kPerWindow = 1000;
  static constexpr uint32_t kPerSecond = kPerWindow * (std::chrono::seconds(1) / kWindow);

  // One was handled: how long until the next may come, zero for at once.
  Time handled(Time now) {
    if (now - start_ >= kWindow) {
      start_ = now;
      count_ = 0;
    }
    ++count_;
    if (count_ < kPerWindow) return Time{0};
    rate_ = count_ * std::chrono::seconds(1) / std::max(now - start_, Time{1});
    last_full_ = now;
    return start_ + kWindow - now;
  }

  // At which rate they came when there were too many, a second.
  uint64_t rate() const { return static_cast<uint64_t>(rate_); }
  // Whether there were too many at any time from `since` on.
  bool too_many_since(Time since) const { return last_full_ && *last_full_ >= since; }

 private:
  Time start_{0};
  uint32_t count_ = 0;
  int64_t rate_ = 0;
  std::optional<Time> last_full_;
};

}  // namespace lintel::passthrough::pci
