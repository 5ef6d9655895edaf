// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/backend/disk_engine.h"

#include <liburing.h>

#include <cerrno>
#include <utility>

#include "vmm/base/error.h"
#include "vmm/base/log.h"

namespace lintel::virtio {
namespace {

class SynchronousEngine final : public DiskEngine {
 public:
  SynchronousEngine(const Disk& disk, Done done) : direct_(disk), done_(std::move(done)) {}

  void start(DiskIo& io) override { done_(io, direct_.run(io)); }
  bool submit() override { return true; }
  int completion_fd() const override { return -1; }
  void reap() override {}
  void drain() override {}

 private:
  DirectDiskIo direct_;
  const Done done_;
};

class UringEngine final : public DiskEngine {
 public:
  UringEngine(const Disk& disk, unsigned depth, Done done)
      : disk_(disk), direct_(disk), done_(std::move(done)) {
    const int result = io_uring_queue_init(depth, &ring_, 0);
    if (result < 0) throw_errno(-result, "Cannot set io_uring up");
  }
  ~UringEngine() override {
    drain();
    io_uring_queue_exit(&ring_);
  }
  UringEngine(const UringEngine&) = delete;
  UringEngine& operator=(const UringEngine&) = delete;

  void start(DiskIo& io) override {
    if (!direct_.is_aligned(io)) return done_(io, direct_.run(io));
    io_uring_sqe* const entry = next_entry();
    // No room even after a submission: the kernel is short of memory.
    if (entry == nullptr) return done_(io, direct_.run(io));
    prepare(*entry, io);
    io_uring_sqe_set_data(entry, &io);
    ++under_way_;
  }

  bool submit() override {
    if (io_uring_sq_ready(&ring_) == 0) return true;
    io_uring_submit(&ring_);
    // The kernel may have taken some, and left those behind one that it refused.
    return io_uring_sq_ready(&ring_) == 0;
  }

  int completion_fd() const override { return ring_.ring_fd; }

  void reap() override {
    io_uring_cqe* completion = nullptr;
    while (io_uring_peek_cqe(&ring_, &completion) == 0) take(*completion);
  }

  void drain() override {
    while (under_way_ != 0) {
      io_uring_submit_and_wait(&ring_, 1);
      reap();
    }
  }

 private:
  io_uring_sqe* next_entry() {
    io_uring_sqe* entry = io_uring_get_sqe(&ring_);
    if (entry == nullptr) {
      submit();
      entry = io_uring_get_sqe(&ring_);
    }
    return entry;
  }

  void prepare(io_uring_sqe& entry, const DiskIo& io) const {
    switch (io.kind) {
      case DiskIo::Kind::kRead:
        io_uring_prep_readv(&entry, disk_.fd(), io.next_buffers(),
                            static_cast<unsigned>(io.next_buffer_count()), io.offset);
        break;
      case DiskIo::Kind::kWrite:
        io_uring_prep_writev2(&entry, disk_.fd(), io.next_buffers(),
                              static_cast<unsigned>(io.next_buffer_count()), io.offset,
                              io.write_flags());
        break;
      case DiskIo::Kind::kFlush:
        io_uring_prep_fsync(&entry, disk_.fd(), IORING_FSYNC_DATASYNC);
        break;
      case DiskIo::Kind::kDiscard:
      case DiskIo::Kind::kWriteZeroes:
        io_uring_prep_fallocate(&entry, disk_.fd(), io.fallocate_mode(),
                                static_cast<off_t>(io.offset), static_cast<off_t>(io.length));
        break;
    }
  }

  void take(io_uring_cqe& completion) {
    DiskIo& io = *static_cast<DiskIo*>(io_uring_cqe_get_data(&completion));
    const int result = completion.res;
    io_uring_cqe_seen(&ring_, &completion);
    --under_way_;
    if (result == -EINTR || result == -EAGAIN) return start(io);
    if (result == -EOPNOTSUPP && !io.moves_data() && io.kind != DiskIo::Kind::kFlush) {
      return done_(io, direct_.run_without_fallocate(io));
    }
    if (result < 0) return done_(io, -result);
    if (io.moves_data()) {
      if (result == 0 && io.length != 0) return done_(io, EIO);  // somebody truncated the file
      io.advance(static_cast<uint64_t>(result));
      if (io.length != 0) return start(io);
    } else if (io.durable && io.kind == DiskIo::Kind::kWriteZeroes) {
      io.kind = DiskIo::Kind::kFlush;
      return start(io);
    }
    done_(io, 0);
  }

  const Disk& disk_;
  DirectDiskIo direct_;
  const Done done_;
  io_uring ring_{};
  unsigned under_way_ = 0;
};

}  // namespace

std::unique_ptr<DiskEngine> make_disk_engine(const Disk& disk, unsigned depth,
                                             DiskEngine::Done done, DiskEngineKind kind) {
  if (kind == DiskEngineKind::kAuto) {
    try {
      return std::make_unique<UringEngine>(disk, depth, done);
    } catch (const Error& error) {
      // ENOSYS: an old kernel. EPERM: a container's filter, or kernel.io_uring_disabled.
      log::info("disk {}: {}; requests are carried out one after the other", disk.path(),
                error.describe());
    }
  }
  return std::make_unique<SynchronousEngine>(disk, std::move(done));
}

}  // namespace lintel::virtio
