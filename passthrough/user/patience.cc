// SPDX-License-Identifier: Apache-2.0
#include "passthrough/user/patience.h"

#include <algorithm>

namespace lintel::passthrough::user {

// There are as many as vCPUs at most, and seldom more than one.
template <typename All>
auto Patience::find(All& all) {
  return std::ranges::find(all, std::this_thread::get_id(), &Operation::thread);
}

void Patience::begin() {
  MutexLock lock(mutex_);
  if (const auto mine = find(operations_); mine != operations_.end()) {
    ++mine->depth;
  } else {
    operations_.push_back({.thread = std::this_thread::get_id(), .left = budget_});
  }
}

void Patience::end() {
  MutexLock lock(mutex_);
  const auto mine = find(operations_);
  if (mine != operations_.end() && --mine->depth == 0) operations_.erase(mine);
}

Patience::Time Patience::left() const {
  MutexLock lock(mutex_);
  const auto mine = find(operations_);
  return mine == operations_.end() ? budget_ : mine->left;
}

void Patience::spend(Time time) {
  MutexLock lock(mutex_);
  const auto mine = find(operations_);
  if (mine != operations_.end()) mine->left = std::max(mine->left - time, Time{0});
}

}  // namespace lintel::passthrough::user
