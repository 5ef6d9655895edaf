// SPDX-License-Identifier: Apache-2.0
// The vocabulary of a board's address table. A board has one constexpr table; its bus wiring, its
// ACPI tables and its device tree read the same entries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "vmm/base/types.h"

namespace lintel {

struct LayoutEntry {
  std::string_view name;
  GuestRange range;
};

// For static_assert: no two entries share an address, and none wraps.
constexpr bool is_disjoint(std::span<const LayoutEntry> entries) {
  for (size_t i = 0; i < entries.size(); ++i) {
    if (!entries[i].range.valid()) return false;
    for (size_t j = i + 1; j < entries.size(); ++j) {
      if (entries[i].range.overlaps(entries[j].range)) return false;
    }
  }
  return true;
}

}  // namespace lintel
