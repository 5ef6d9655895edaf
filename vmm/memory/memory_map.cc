// SPDX-License-Identifier: Apache-2.0
#include "vmm/memory/memory_map.h"

#include <algorithm>

#include "vmm/base/error.h"

namespace lintel {

void MemoryMap::subscribe(MemoryObserver& observer) {
  MutexLock lock(mutex_);
  const auto& entries = memory_.entries();
  size_t told = 0;
  try {
    for (; told < entries.size(); ++told) observer.added(entries[told].value);
  } catch (...) {
    while (told > 0) observer.removed(entries[--told].value);
    throw;
  }
  observers_.push_back(&observer);
}

void MemoryMap::unsubscribe(MemoryObserver& observer) {
  MutexLock lock(mutex_);
  std::erase(observers_, &observer);
}

std::vector<MappedMemory> MemoryMap::all() const {
  MutexLock lock(mutex_);
  std::vector<MappedMemory> all;
  all.reserve(memory_.entries().size());
  for (const auto& entry : memory_.entries()) all.push_back(entry.value);
  return all;
}

void MemoryMap::add(const MappedMemory& memory) {
  const GuestRange range = memory.range;
  if (range.base.value % page_size_ != 0 || range.size % page_size_ != 0 ||
      reinterpret_cast<uintptr_t>(memory.host) % page_size_ != 0) {
    throw_error(
        "Cannot map guest memory [{:#x}, +{:#x}): not aligned to the host's pages of {} KiB",
        range.base.value, range.size, page_size_ / kKiB);
  }
  MutexLock lock(mutex_);
  if (!memory_.insert(range, memory)) {
    throw_error("Cannot map guest memory [{:#x}, +{:#x}): it overlaps other memory",
                range.base.value, range.size);
  }
  size_t told = 0;
  try {
    for (; told < observers_.size(); ++told) observers_[told]->added(memory);
  } catch (...) {
    while (told > 0) observers_[--told]->removed(memory);
    memory_.erase(range);
    throw;
  }
}

void MemoryMap::remove(GuestRange range) {
  MutexLock lock(mutex_);
  const auto* entry = memory_.find(range.base);
  if (entry == nullptr || entry->range != range) return;
  const MappedMemory memory = entry->value;
  for (auto observer = observers_.rbegin(); observer != observers_.rend(); ++observer) {
    (*observer)->removed(memory);
  }
  memory_.erase(range);
  removals_.fetch_add(1, std::memory_order_release);
}

}  // namespace lintel
