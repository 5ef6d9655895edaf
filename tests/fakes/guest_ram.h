// SPDX-License-Identifier: Apache-2.0
// Guest memory for tests: small, without huge pages.
#pragma once

#include <initializer_list>
#include <vector>

#include "vmm/memory/guest_memory.h"

namespace lintel {

inline GuestMemory make_guest_ram(std::initializer_list<GuestRange> ranges) {
  const std::vector<GuestRange> list(ranges);
  return GuestMemory(list, {.huge_pages = HugePages::kOff, .shared = false, .prefault = false});
}

}  // namespace lintel
