// SPDX-License-Identifier: Apache-2.0
// The guest's memory as the server reaches it by messages: what was mapped for DMA and nothing
// else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "passthrough/user/protocol.h"
#include "vmm/base/range_map.h"
#include "vmm/base/sync.h"
#include "vmm/base/types.h"
#include "vmm/memory/memory_map.h"

namespace lintel::passthrough::user {

// Threads: any.
class DmaMemory {
 public:
  virtual ~DmaMemory() = default;
  // False, and nothing was copied, if not all of the range is mapped.
  virtual bool read(GuestAddress address, std::span<std::byte> to) = 0;
  virtual bool write(GuestAddress address, std::span<const std::byte> from) = 0;
};

class DmaTable final : public DmaMemory {
 public:
  // False, and nothing changes, if it overlaps what is there.
  bool add(const MappedMemory& memory);
  // After the return nobody copies to or from it.
  bool remove(GuestRange range);
  size_t size() const;

  bool read(GuestAddress address, std::span<std::byte> to) override;
  bool write(GuestAddress address, std::span<const std::byte> from) override;

 private:
  mutable SharedMutex mutex_;
  RangeMap<std::byte*> memory_ GUARDED_BY(mutex_);
};

// Carries out the server's DMA_READ or DMA_WRITE. Returns 0 and the reply's payload, or an errno
// for a reply without one. `reply` never grows beyond kMaxPayload.
uint32_t serve_dma(const Header& header, std::span<const std::byte> payload, DmaMemory& memory,
                   std::vector<std::byte>& reply);

}  // namespace lintel::passthrough::user
