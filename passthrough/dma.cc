// SPDX-License-Identifier: Apache-2.0
#include "passthrough/dma.h"

#include <algorithm>

#include "vmm/base/error.h"
#include "vmm/base/log.h"

namespace lintel::passthrough {

DmaMappings::DmaMappings(DmaSpace& space, MemoryMap& map, const Options& options)
    : space_(space), map_(map), options_(options) {
  try {
    for (const MappedMemory& memory : map_.all()) {
      if (memory.kind != MemoryKind::kRam) continue;
      space_.map(memory);
      note(memory.range);
    }
    map_.subscribe(*this);
  } catch (...) {
    unmap_all();
    throw;
  }
}

DmaMappings::~DmaMappings() {
  map_.unsubscribe(*this);
  unmap_all();
}

void DmaMappings::note(GuestRange range) {
  mapped_.push_back(range);
  size_ += range.size;
}

void DmaMappings::unmap_all() noexcept {
  for (const GuestRange range : mapped_) unmap(range);
}

void DmaMappings::added(const MappedMemory& memory) {
  if (memory.kind == MemoryKind::kReadOnly) return;
  if (memory.kind == MemoryKind::kRam) {
    if (std::find(mapped_.begin(), mapped_.end(), memory.range) != mapped_.end()) return;
    space_.map(memory);
  } else {
    if (!options_.peer_to_peer) return;
    // Peers that cannot reach a device are no reason to keep the guest from it: many hosts cannot
    // map a BAR at all.
    try {
      space_.map(memory);
    } catch (const Error& error) {
      unreachable_.warn("Devices cannot reach [{:#x}, +{:#x}) of another device: {}",
                        memory.range.base.value, memory.range.size, error.describe());
      return;
    }
  }
  note(memory.range);
}

void DmaMappings::removed(const MappedMemory& memory) {
  const auto at = std::find(mapped_.begin(), mapped_.end(), memory.range);
  if (at == mapped_.end()) return;
  mapped_.erase(at);
  size_ -= memory.range.size;
  unmap(memory.range);
}

void DmaMappings::unmap(GuestRange range) noexcept {
  try {
    space_.unmap(range);
  } catch (const Error& error) {
    kept_.error("Devices may still reach [{:#x}, +{:#x}): {}", range.base.value, range.size,
                error.describe());
  }
}

}  // namespace lintel::passthrough
