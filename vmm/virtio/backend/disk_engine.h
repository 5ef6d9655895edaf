// SPDX-License-Identifier: Apache-2.0
// Carries out operations on a disk: by io_uring, or one after the other where the kernel or a
// sandbox denies that.
#pragma once

#include <functional>
#include <memory>

#include "vmm/virtio/backend/disk_io.h"

namespace lintel::virtio {

// Threads: one at a time.
class DiskEngine {
 public:
  // Gets 0 or the errno. Called from `start`, `reap` or `drain`; it may start others.
  using Done = std::function<void(DiskIo&, int error)>;

  virtual ~DiskEngine() = default;

  // The operation and its buffers stay valid until it is done; at most the engine's depth are
  // under way. It may wait for `submit`. Operations finish in any order; a flush covers what was
  // done before it started.
  virtual void start(DiskIo& io) = 0;
  // False if the kernel is short of resources: call again in a moment.
  virtual bool submit() = 0;
  // Readable when there is something to reap; -1 if everything is done in `start`.
  virtual int completion_fd() const = 0;
  // It may leave something to submit.
  virtual void reap() = 0;
  // Waits until nothing is under way.
  virtual void drain() = 0;
};

enum class DiskEngineKind { kAuto, kSynchronous };

std::unique_ptr<DiskEngine> make_disk_engine(const Disk& disk, unsigned depth,
                                             DiskEngine::Done done,
                                             DiskEngineKind kind = DiskEngineKind::kAuto);

}  // namespace lintel::virtio
