// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/backend/disk_io.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "vmm/base/types.h"

namespace lintel::virtio {
namespace {

constexpr uint64_t kBounceBytes = 256 * kKiB;
constexpr uint64_t kBounceAlignment = 4 * kKiB;

// Copies between `piece` and the operation's next buffers, without moving it on.
void copy_next(const DiskIo& io, std::byte* piece, uint64_t size) {
  for (size_t i = io.first; size != 0 && i < io.buffers.size(); ++i) {
    const size_t count = std::min<uint64_t>(size, io.buffers[i].iov_len);
    if (io.kind == DiskIo::Kind::kWrite) {
      std::memcpy(piece, io.buffers[i].iov_base, count);
    } else {
      std::memcpy(io.buffers[i].iov_base, piece, count);
    }
    piece += count;
    size -= count;
  }
}

}  // namespace

void DiskIo::advance(uint64_t count) {
  offset += count;
  length -= std::min(count, length);
  while (count != 0 && first < buffers.size()) {
    iovec& buffer = buffers[first];
    const size_t part = std::min<uint64_t>(count, buffer.iov_len);
    buffer.iov_base = static_cast<std::byte*>(buffer.iov_base) + part;
    buffer.iov_len -= part;
    count -= part;
    if (buffer.iov_len == 0) ++first;
  }
}

int DiskIo::write_flags() const {
  return durable ? RWF_DSYNC : 0;
}

int DiskIo::fallocate_mode() const {
  // Zeroes that may be unmapped are a hole as well: a hole reads as zeroes.
  const bool hole = kind == Kind::kDiscard || may_unmap;
  return FALLOC_FL_KEEP_SIZE | (hole ? FALLOC_FL_PUNCH_HOLE : FALLOC_FL_ZERO_RANGE);
}

bool DirectDiskIo::is_aligned(const DiskIo& io) const {
  if (!disk_.direct() || !io.moves_data()) return true;
  const DiskGeometry& geometry = disk_.geometry();
  return std::all_of(io.buffers.begin(), io.buffers.end(), [&](const iovec& buffer) {
    return reinterpret_cast<uintptr_t>(buffer.iov_base) % geometry.memory_alignment == 0 &&
           buffer.iov_len % geometry.logical_block == 0;
  });
}

int DirectDiskIo::run(DiskIo& io) {
  switch (io.kind) {
    case DiskIo::Kind::kRead:
    case DiskIo::Kind::kWrite: return is_aligned(io) ? transfer(io) : transfer_by_copy(io);
    case DiskIo::Kind::kFlush: return fdatasync(disk_.fd()) == 0 ? 0 : errno;
    case DiskIo::Kind::kDiscard:
    case DiskIo::Kind::kWriteZeroes: break;
  }
  if (fallocate(disk_.fd(), io.fallocate_mode(), static_cast<off_t>(io.offset),
                static_cast<off_t>(io.length)) != 0) {
    return errno == EOPNOTSUPP ? run_without_fallocate(io) : errno;
  }
  return io.durable && fdatasync(disk_.fd()) != 0 ? errno : 0;
}

int DirectDiskIo::transfer(DiskIo& io) {
  while (io.length != 0) {
    const auto offset = static_cast<off_t>(io.offset);
    const ssize_t count =
        io.kind == DiskIo::Kind::kRead
            ? preadv(disk_.fd(), io.next_buffers(), io.next_buffer_count(), offset)
            : pwritev2(disk_.fd(), io.next_buffers(), io.next_buffer_count(), offset,
                       io.write_flags());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return EIO;  // somebody truncated the file
    io.advance(static_cast<uint64_t>(count));
  }
  return 0;
}

std::byte* DirectDiskIo::bounce_buffer() {
  if (!bounce_) bounce_ = MmapRegion::anonymous(kBounceBytes, kBounceAlignment);
  return bounce_.data();
}

int DirectDiskIo::transfer_by_copy(DiskIo& io) {
  std::byte* const buffer = bounce_buffer();
  while (io.length != 0) {
    const uint64_t size = std::min(io.length, kBounceBytes);
    const auto offset = static_cast<off_t>(io.offset);
    if (io.kind == DiskIo::Kind::kWrite) copy_next(io, buffer, size);
    iovec piece{buffer, size};
    const ssize_t count = io.kind == DiskIo::Kind::kRead
                              ? preadv(disk_.fd(), &piece, 1, offset)
                              : pwritev2(disk_.fd(), &piece, 1, offset, io.write_flags());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    // A part of a block cannot be continued with O_DIRECT.
    const uint64_t done = align_down(static_cast<uint64_t>(count), disk_.geometry().logical_block);
    if (done == 0) return EIO;
    if (io.kind == DiskIo::Kind::kRead) copy_next(io, buffer, done);
    io.advance(done);
  }
  return 0;
}

int DirectDiskIo::run_without_fallocate(DiskIo& io) {
  if (io.kind == DiskIo::Kind::kDiscard) return 0;
  std::byte* const zeroes = bounce_buffer();
  std::memset(zeroes, 0, kBounceBytes);
  while (io.length != 0) {
    iovec piece{zeroes, std::min(io.length, kBounceBytes)};
    const ssize_t count =
        pwritev2(disk_.fd(), &piece, 1, static_cast<off_t>(io.offset), io.write_flags());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return EIO;
    io.advance(static_cast<uint64_t>(count));
  }
  return 0;
}

}  // namespace lintel::virtio
