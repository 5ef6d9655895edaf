// SPDX-License-Identifier: Apache-2.0
// The guest's RAM as the host sees it. Guest memory is not a C++ object: the guest changes it at
// any time, so structures are copied in, checked and then used; ring indices are read and written
// atomically; spans are for bulk I/O by system calls.
//
// Threads: the set of regions is fixed before the first vCPU runs; all methods from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "vmm/base/mmap_region.h"
#include "vmm/base/types.h"
#include "vmm/base/unique_fd.h"

namespace lintel {

enum class HugePages : uint8_t { kTransparent, kOff, k2MiB, k1GiB };

// How RAM is backed. Filled from the configuration's [memory].
struct MemoryBacking {
  HugePages huge_pages = HugePages::kTransparent;
  bool shared = false;    // a memfd that other processes (vhost-user) can map
  bool prefault = false;  // touch every page before the guest runs
};

struct RamRegion {
  GuestRange range;
  MmapRegion mapping;
  UniqueFd memfd;             // empty for anonymous memory
  uint64_t memfd_offset = 0;  // of the region's start
};

class GuestMemory {
 public:
  // Allocates a region for each range. Throws Error that names what the host lacks.
  GuestMemory(std::span<const GuestRange> ranges, const MemoryBacking& backing);

  // Allocates what nobody has touched yet, by several threads, while the guest goes on. `cancelled`
  // is asked by all of them, now and then: true ends it. Throws Error.
  void populate(const std::function<bool()>& cancelled) const;

  const std::vector<RamRegion>& regions() const { return regions_; }
  uint64_t total_bytes() const { return total_; }

  // The host view of [address, +size), or an empty span if it is not all inside one region.
  // A zero size gives an empty span too.
  std::span<std::byte> slice(GuestAddress address, uint64_t size) const;

  // False, and nothing is copied, if the range is not all RAM.
  bool read(GuestAddress address, std::span<std::byte> to) const;
  bool write(GuestAddress address, std::span<const std::byte> from) const;

  template <typename T>
  bool read_object(GuestAddress address, T& to) const {
    static_assert(std::is_trivially_copyable_v<T>);
    return read(address, std::as_writable_bytes(std::span(&to, 1)));
  }
  template <typename T>
  bool write_object(GuestAddress address, const T& from) const {
    static_assert(std::is_trivially_copyable_v<T>);
    return write(address, std::as_bytes(std::span(&from, 1)));
  }

 private:
  std::vector<RamRegion> regions_;
  uint64_t total_ = 0;
  HugePages huge_pages_;
};

}  // namespace lintel
