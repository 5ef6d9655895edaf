// SPDX-License-Identifier: Apache-2.0
// One operation on a disk, and how to carry it out at once on the calling thread.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "vmm/base/mmap_region.h"
#include "vmm/virtio/backend/disk.h"

namespace lintel::virtio {

struct DiskIo {
  enum class Kind : uint8_t { kRead, kWrite, kFlush, kDiscard, kWriteZeroes };

  Kind kind = Kind::kRead;
  bool durable = false;    // a write: on stable storage before it is done
  bool may_unmap = false;  // a write of zeroes: the blocks may be given back
  uint64_t offset = 0;
  uint64_t length = 0;
  std::vector<iovec> buffers;  // `length` bytes in all, for reads and writes
  size_t first = 0;            // buffers before this one are done

  // Notes that `count` bytes more are done: offset, length, first and the first buffer move.
  void advance(uint64_t count);
  const iovec* next_buffers() const { return buffers.data() + first; }
  int next_buffer_count() const { return static_cast<int>(buffers.size() - first); }
  bool moves_data() const { return kind == Kind::kRead || kind == Kind::kWrite; }
  // pwritev2(2)'s flags.
  int write_flags() const;
  // fallocate(2)'s mode for a discard or zeroes.
  int fallocate_mode() const;
};

// Threads: one at a time.
class DirectDiskIo {
 public:
  explicit DirectDiskIo(const Disk& disk) : disk_(disk) {}

  // False if O_DIRECT forbids these buffers; then only `run` can do it, by copying.
  bool is_aligned(const DiskIo& io) const;
  // Returns 0 or the errno.
  int run(DiskIo& io);
  // After fallocate(2) said that it cannot: a discard is advice, zeroes are written.
  int run_without_fallocate(DiskIo& io);

 private:
  int transfer(DiskIo& io);
  int transfer_by_copy(DiskIo& io);
  std::byte* bounce_buffer();

  const Disk& disk_;
  MmapRegion bounce_;
};

}  // namespace lintel::virtio
