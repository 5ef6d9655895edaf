// SPDX-License-Identifier: Apache-2.0
// Disjoint ranges, each with a value; sorted, so that a look-up is a binary search.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "vmm/base/types.h"

namespace lintel {

template <typename Value>
class RangeMap {
 public:
  struct Entry {
    GuestRange range;
    Value value;
  };

  // False, and nothing changes, if the range is invalid or overlaps another.
  bool insert(GuestRange range, Value value) {
    if (!range.valid()) return false;
    auto at = first_behind(range.base);
    if (at != entries_.end() && at->range.overlaps(range)) return false;
    if (at != entries_.begin() && std::prev(at)->range.overlaps(range)) return false;
    entries_.insert(at, Entry{range, std::move(value)});
    return true;
  }

  // Removes the range that is exactly this one; false if there is none.
  bool erase(GuestRange range) {
    auto at = std::find_if(entries_.begin(), entries_.end(),
                           [&](const Entry& entry) { return entry.range == range; });
    if (at == entries_.end()) return false;
    entries_.erase(at);
    return true;
  }

  // The range that holds the address, or null.
  const Entry* find(GuestAddress address) const {
    auto at = std::upper_bound(
        entries_.begin(), entries_.end(), address,
        [](GuestAddress value, const Entry& entry) { return value < entry.range.base; });
    if (at == entries_.begin()) return nullptr;
    --at;
    return at->range.contains(address) ? &*at : nullptr;
  }

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  typename std::vector<Entry>::iterator first_behind(GuestAddress base) {
    return std::lower_bound(
        entries_.begin(), entries_.end(), base,
        [](const Entry& entry, GuestAddress value) { return entry.range.base < value; });
  }

  std::vector<Entry> entries_;
};

}  // namespace lintel
