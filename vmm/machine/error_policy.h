// SPDX-License-Identifier: Apache-2.0
// What follows when a device of the host's reports an uncorrectable error (passthrough.on_error).
#pragma once

#include <chrono>
#include <cstdint>

#include "vmm/config/config.h"

namespace lintel {

class ErrorPolicy {
 public:
  enum class Reaction : uint8_t {
    kEnd,      // of the run
    kRestart,  // of the guest, which resets the device
    kUnplug,   // the device
    kLog
  };
  using Time = std::chrono::nanoseconds;  // since any start

  // A device that fails again so soon is not helped by a restart.
  static constexpr Time kBetweenRestarts = std::chrono::minutes(1);
  // All functions behind a link report its error, and each is told apart.
  static constexpr Time kSameError = std::chrono::seconds(1);

  explicit ErrorPolicy(config::PassthroughOnError on_error) : on_error_(on_error) {}

  Reaction react(Time now) {
    switch (on_error_) {
      case config::PassthroughOnError::kStop: return Reaction::kEnd;
      case config::PassthroughOnError::kDetach: return Reaction::kUnplug;
      case config::PassthroughOnError::kReport: return Reaction::kLog;
      case config::PassthroughOnError::kReset: break;
    }
    if (now - last_restart_ < kSameError) return Reaction::kLog;
    const bool again = now - last_restart_ < kBetweenRestarts;
    last_restart_ = now;
    return again ? Reaction::kEnd : Reaction::kRestart;
  }

 private:
  const config::PassthroughOnError on_error_;
  Time last_restart_ = -kBetweenRestarts;
};

}  // namespace lintel
