// SPDX-License-Identifier: Apache-2.0
// What devices see of the guest's memory: an I/O address space, in which an address is the guest's
// physical address.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vmm/base/log.h"
#include "vmm/base/types.h"
#include "vmm/memory/memory_map.h"

namespace lintel::passthrough {

// What an IOMMU, or whoever stands in for one, can map.
struct DmaGeometry {
  std::vector<GuestRange> usable;         // sorted; between them are holes
  uint64_t page_sizes = 0x1000;           // a bit for each supported size
  std::optional<uint32_t> free_mappings;  // how many more are possible, if there is a limit
};

// Threads: one at a time. Everything throws Error.
class DmaSpace {
 public:
  virtual ~DmaSpace() = default;

  // For messages: "VFIO container", "iommufd".
  virtual const std::string& name() const = 0;
  virtual DmaGeometry geometry() = 0;
  // Devices may read and write the memory from now on. It is pinned until it is unmapped.
  virtual void map(const MappedMemory& memory) = 0;
  // A range that was mapped.
  virtual void unmap(GuestRange range) = 0;
};

// Keeps the guest's RAM mapped for DMA.
class DmaMappings final : public MemoryObserver {
 public:
  struct Options {
    // Devices can reach each other's mapped BARs. A BAR that the host cannot map is left out.
    bool peer_to_peer = false;
  };

  // Maps what is in the map already. All must outlive this object, and RAM stays where it is: it is
  // mapped, which may take seconds, without the map's lock. Throws Error.
  DmaMappings(DmaSpace& space, MemoryMap& map, const Options& options);
  ~DmaMappings() override;

  void added(const MappedMemory& memory) override;
  void removed(const MappedMemory& memory) override;

  // Bytes that are mapped. Threads: any.
  uint64_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  void note(GuestRange range);
  void unmap(GuestRange range) noexcept;
  void unmap_all() noexcept;

  DmaSpace& space_;
  MemoryMap& map_;
  const Options options_;
  log::RateLimited unreachable_;
  log::RateLimited kept_;
  std::vector<GuestRange> mapped_;
  std::atomic<uint64_t> size_{0};
};

}  // namespace lintel::passthrough
