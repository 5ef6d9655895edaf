// SPDX-License-Identifier: Apache-2.0
// Why memory cannot be mapped for DMA, in words that tell the user what to change. Pure functions,
// but for the look at this process's limit.
#pragma once

#include <cstdint>
#include <optional>

#include "passthrough/dma.h"
#include "vmm/base/error.h"
#include "vmm/base/types.h"

namespace lintel::passthrough {

// RLIMIT_MEMLOCK in bytes; without a value there is no limit.
std::optional<uint64_t> locked_memory_limit();
// Likewise, but without a value also if this process may exceed it (CAP_IPC_LOCK).
std::optional<uint64_t> effective_locked_memory_limit();

// If `needed` bytes of memory cannot be pinned under this limit. To ask before anything is mapped.
std::optional<Error> locked_memory_problem(uint64_t needed, std::optional<uint64_t> limit);

// If the IOMMU cannot map the range wherever the memory is: pages that are cut, or a hole.
std::optional<Error> geometry_problem(GuestRange range, const DmaGeometry& geometry);

struct MapAttempt {
  GuestRange range;
  uint64_t mapped_before = 0;  // bytes
  std::optional<uint64_t> locked_memory_limit;
};
// The error that a system call gave, with the reason behind its errno.
Error explain_map_failure(Error failure, const MapAttempt& attempt, const DmaGeometry& geometry);

}  // namespace lintel::passthrough
