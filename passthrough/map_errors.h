// SPDX-License-Identifier: Apache-2.0
// Why memory cannot be mapped for DMA, in words that tell the user what to change.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "passthrough/dma.h"
#include "vmm/base/error.h"
#include "vmm/base/types.h"
#include "vmm/memory/memory_map.h"

namespace lintel::passthrough {

// If `needed` bytes of memory cannot be pinned under this limit. To ask before anything is mapped.
std::optional<Error> locked_memory_problem(uint64_t needed, std::optional<uint64_t> limit);

// If the IOMMU cannot map the range wherever the memory is: pages that are cut, or a hole.
std::optional<Error> geometry_problem(GuestRange range, const DmaGeometry& geometry);

struct MapAttempt {
  GuestRange range;
  MemoryKind kind = MemoryKind::kRam;
  uint64_t locked_before = 0;  // bytes
  std::optional<uint64_t> locked_memory_limit;
};
// The error that a system call gave, with the reason behind its errno.
Error explain_map_failure(Error failure, const MapAttempt& attempt, const DmaGeometry& geometry);

// What of a space counts as locked memory: the RAM that is mapped. Devices' memory does not (Linux,
// vfio_pin_pages_remote(): pages that are reserved).
class LockedRam {
 public:
  // Maps by `map`, whose Error is explained.
  template <typename Map>
  void map(DmaSpace& space, const MappedMemory& memory, Map&& map) {
    try {
      std::forward<Map>(map)();
    } catch (Error& error) {
      throw explain(std::move(error), memory, space.geometry());
    }
    if (memory.kind == MemoryKind::kRam) ranges_.push_back(memory.range);
  }
  // A range that was mapped, of whatever kind.
  void unmapped(GuestRange range) { std::erase(ranges_, range); }

 private:
  Error explain(Error failure, const MappedMemory& memory, const DmaGeometry& geometry) const;
  uint64_t bytes() const;

  std::vector<GuestRange> ranges_;
};

}  // namespace lintel::passthrough
