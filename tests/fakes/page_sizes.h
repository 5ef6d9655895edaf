// SPDX-License-Identifier: Apache-2.0
// The page sizes of the hosts that we run on, for parameterised tests.
#pragma once

#include <cstddef>
#include <vector>

#include "vmm/base/mmap_region.h"
#include "vmm/base/types.h"

namespace lintel {

// Without those that are smaller than this host's, which nothing can be mapped by.
inline std::vector<size_t> host_page_sizes() {
  std::vector<size_t> sizes;
  for (const size_t size : {4 * kKiB, 16 * kKiB, 64 * kKiB}) {
    if (size >= host_page_size()) sizes.push_back(size);
  }
  return sizes;
}

}  // namespace lintel
