// SPDX-License-Identifier: Apache-2.0
// What host memory is where in the guest's physical address space. KVM's slots and VFIO's DMA
// mappings are observers of it; nothing else tells them about memory.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "vmm/base/mmap_region.h"
#include "vmm/base/range_map.h"
#include "vmm/base/sync.h"
#include "vmm/base/types.h"

namespace lintel {

enum class MemoryKind : uint8_t {
  kRam,       // the guest's RAM: mapped for DMA
  kReadOnly,  // guest reads go to the memory, writes exit: flash, tables of constants
  kDevice,    // a device's memory (a mapped BAR): not mapped for DMA unless peer-to-peer is asked
};

struct MappedMemory {
  GuestRange range;           // aligned to the map's pages
  std::byte* host = nullptr;  // likewise; valid until the range was removed
  MemoryKind kind = MemoryKind::kRam;
  // The memory of a shared file, for whoever maps it in another process; -1: there is no such file.
  int fd = -1;
  uint64_t fd_offset = 0;
};

// Called under the map's lock, in order of subscription for additions and in reverse for removals.
// An observer must not call back into the map. May throw Error from `added` only.
class MemoryObserver {
 public:
  virtual ~MemoryObserver() = default;
  virtual void added(const MappedMemory& memory) = 0;
  virtual void removed(const MappedMemory& memory) = 0;
};

// Threads: any.
class MemoryMap {
 public:
  // Whole pages of the host are mapped. `page_size`: the host's, or a larger power of two.
  explicit MemoryMap(size_t page_size = host_page_size()) : page_size_(page_size) {}

  size_t page_size() const { return page_size_; }

  // Replays what is mapped already; if the observer refuses a part, it is told to remove the rest
  // and is not subscribed. The observer must unsubscribe before it is destroyed.
  void subscribe(MemoryObserver& observer);
  void unsubscribe(MemoryObserver& observer);

  // What is mapped now.
  std::vector<MappedMemory> all() const;

  // Throws Error if the range is unaligned or overlaps another, or an observer refuses (then no
  // observer keeps it).
  void add(const MappedMemory& memory);
  // The range must be one that was added.
  void remove(GuestRange range);

  // How many ranges were removed so far.
  uint64_t removals() const { return removals_.load(std::memory_order_acquire); }

 private:
  const size_t page_size_;
  mutable Mutex mutex_;
  std::vector<MemoryObserver*> observers_ GUARDED_BY(mutex_);
  RangeMap<MappedMemory> memory_ GUARDED_BY(mutex_);
  std::atomic<uint64_t> removals_ = 0;
};

// For a vCPU that met memory which the host cannot reach: whether to try again, because that memory
// may be what was removed since. Threads: its owner's.
class RemovalWatch {
 public:
  // `map` must outlive the watch.
  explicit RemovalWatch(const MemoryMap& map) : map_(map), seen_(map.removals()) {}

  // Whether any range was removed since the last call, or since the watch was made.
  bool any() {
    const uint64_t now = map_.removals();
    return std::exchange(seen_, now) != now;
  }

 private:
  const MemoryMap& map_;
  uint64_t seen_;
};

}  // namespace lintel
