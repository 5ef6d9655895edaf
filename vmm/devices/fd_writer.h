// SPDX-License-Identifier: Apache-2.0
// Output of a guest to a descriptor whose reader may be slow, stuck or gone.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "vmm/base/event_loop.h"
#include "vmm/base/log.h"
#include "vmm/base/sync.h"
#include "vmm/base/unique_fd.h"

namespace lintel {

// Bytes go straight to the descriptor while it takes them. What it does not take waits in a buffer
// and follows from the event loop. When the buffer is full, the writing thread waits as long as the
// reader makes progress, so that a slow reader loses nothing; once the reader took nothing for
// `patience`, it counts as stuck and output is dropped and counted until it reads again. So a
// reader that stops costs the guest one pause of `patience`, not its life.
//
// Threads: `write` from any; the rest on the loop's thread or while the loop does not run, except
// construction and destruction: any.
class FdWriter {
 public:
  struct Options {
    size_t buffer_limit = 1 << 20;
    std::chrono::milliseconds patience{1000};
  };

  // `what` names the output in the log: "console output".
  FdWriter(EventLoop& loop, std::string what, const Options& options);
  // Waits for what is left to go out, with the same patience.
  ~FdWriter();
  FdWriter(const FdWriter&) = delete;
  FdWriter& operator=(const FdWriter&) = delete;

  // The same file as `fd`, as open() takes it: opened anew where that is possible, so that making
  // it non-blocking does not change what other processes share with us (stdout with the shell).
  static UniqueFd share(int fd);

  // Output goes to `fd` from now on.
  void open(UniqueFd fd);
  // Output goes nowhere from now on.
  void close();

  void write(std::span<const std::byte> bytes);

  // Bytes that no reader got, so far.
  uint64_t dropped();

 private:
  enum class Kind : uint8_t {
    kFile,         // write(2) never waits for a reader
    kNonBlocking,  // O_NONBLOCK
    kSocket,       // MSG_DONTWAIT
    kBlocking,     // poll(2) first, then write what is certain to fit
  };
  struct Target {
    UniqueFd fd;
    Kind kind;
  };

  static Kind kind_of(int fd);
  // The count written; 0 if the reader has no room. Throws nothing: an error ends the output.
  size_t write_some(std::span<const std::byte> bytes) REQUIRES(mutex_);
  size_t pending() const REQUIRES(mutex_) { return buffer_.size() - sent_; }
  void flush() REQUIRES(mutex_);
  // False if the reader is stuck. Lets go of the lock while it waits.
  bool wait_for_reader() REQUIRES(mutex_);
  void drop(size_t bytes) REQUIRES(mutex_);
  void end_output(int error) REQUIRES(mutex_);
  void on_wake();
  void on_writable();
  void stop_watching();

  EventLoop& loop_;
  const std::string what_;
  const Options options_;
  EventFd wake_;
  log::RateLimited trouble_;

  // The loop's thread only: what it watches, kept open until it does not.
  std::shared_ptr<Target> watched_;

  Mutex mutex_;
  std::shared_ptr<Target> target_ GUARDED_BY(mutex_);
  std::vector<std::byte> buffer_ GUARDED_BY(mutex_);
  size_t sent_ GUARDED_BY(mutex_) = 0;  // of the buffer
  uint64_t progress_ GUARDED_BY(mutex_) = 0;
  uint64_t dropped_ GUARDED_BY(mutex_) = 0;
  uint64_t reported_ GUARDED_BY(mutex_) = 0;  // of those dropped
  bool stuck_ GUARDED_BY(mutex_) = false;
};

}  // namespace lintel
