// SPDX-License-Identifier: Apache-2.0
// Which of the numbers that KVM has for a machine's memory slots are in use. A BAR that the guest
// switches off and on takes one anew each time, so they must not run out.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace lintel::kvm {

class SlotIds {
 public:
  explicit SlotIds(uint32_t limit) : limit_(limit) {}

  // Null if all are in use.
  std::optional<uint32_t> take() {
    if (free_.empty()) return next_ < limit_ ? std::optional(next_++) : std::nullopt;
    const uint32_t id = free_.back();
    free_.pop_back();
    return id;
  }
  void give_back(uint32_t id) { free_.push_back(id); }
  uint32_t limit() const { return limit_; }

 private:
  const uint32_t limit_;
  uint32_t next_ = 0;  // the first that was never taken
  std::vector<uint32_t> free_;
};

}  // namespace lintel::kvm
