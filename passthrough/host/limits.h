// SPDX-License-Identifier: Apache-2.0
// How much memory this process may lock, which is what DMA does with a guest's.
#pragma once

#include <cstdint>
#include <optional>

#include "passthrough/host/tree.h"

namespace lintel::passthrough::host {

// RLIMIT_MEMLOCK in bytes; without a value there is no limit, or none that holds for this process
// (CAP_IPC_LOCK).
struct LockedMemoryLimits {
  std::optional<uint64_t> soft;
  std::optional<uint64_t> hard;  // to which a process may raise the soft one
};
LockedMemoryLimits locked_memory_limits(const Tree& tree);

}  // namespace lintel::passthrough::host
