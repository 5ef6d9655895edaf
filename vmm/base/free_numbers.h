// SPDX-License-Identifier: Apache-2.0
// Numbers from 0 to below a limit, of which each is taken and given back: memory slots of KVM, of
// which a BAR takes one anew each time that the guest switches it on, interrupts. A number that was
// given back is the next to be taken, so that they do not run out.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace lintel {

class FreeNumbers {
 public:
  explicit FreeNumbers(uint32_t limit) : limit_(limit) {}

  // Null if all are in use.
  std::optional<uint32_t> take() {
    if (free_.empty()) return next_ < limit_ ? std::optional(next_++) : std::nullopt;
    const uint32_t number = free_.back();
    free_.pop_back();
    return number;
  }
  void give_back(uint32_t number) { free_.push_back(number); }
  uint32_t limit() const { return limit_; }

 private:
  const uint32_t limit_;
  uint32_t next_ = 0;  // the first that was never taken
  std::vector<uint32_t> free_;
};

}  // namespace lintel
