// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/fd_writer.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "vmm/base/error.h"

namespace lintel {
namespace {

// Waits until `fd` can be written or the time is over.
void poll_writable(int fd, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd request{fd, POLLOUT, 0};
    const int timeout = static_cast<int>(std::clamp<int64_t>(left.count(), 0, INT_MAX));
    // Signals kick vCPU threads out of the kernel at any time.
    if (::poll(&request, 1, timeout) >= 0 || errno != EINTR) return;
  }
}

}  // namespace

FdWriter::FdWriter(EventLoop& loop, std::string what, const Options& options)
    : loop_(loop), what_(std::move(what)), options_(options) {
  loop_.run_sync([this] { loop_.add(wake_.get(), EPOLLIN, [this](uint32_t) { on_wake(); }); });
}

FdWriter::~FdWriter() {
  loop_.run_sync([this] {
    loop_.remove(wake_.get());
    stop_watching();
  });
  MutexLock lock(mutex_);
  while (target_ && pending() != 0 && wait_for_reader()) {
  }
  if (target_) drop(pending());
}

UniqueFd FdWriter::share(int fd) {
  struct stat status{};
  if (fstat(fd, &status) != 0) throw_errno(errno, "Cannot write to file descriptor {}", fd);
  if (S_ISFIFO(status.st_mode) || isatty(fd) != 0) {
    const std::string path = fmt::format("/proc/self/fd/{}", fd);
    UniqueFd own(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (own) return own;
    // Another user's, or /proc is not there: poll before each write then.
  }
  return duplicate_fd(fd);
}

FdWriter::Kind FdWriter::kind_of(int fd) {
  struct stat status{};
  if (fstat(fd, &status) == 0) {
    if (S_ISREG(status.st_mode)) return Kind::kFile;
    if (S_ISSOCK(status.st_mode)) return Kind::kSocket;
  }
  const int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && (flags & O_NONBLOCK) != 0 ? Kind::kNonBlocking : Kind::kBlocking;
}

void FdWriter::open(UniqueFd fd) {
  stop_watching();
  const Kind kind = kind_of(fd.get());
  MutexLock lock(mutex_);
  buffer_.clear();
  sent_ = 0;
  stuck_ = false;
  target_ = std::make_shared<Target>(Target{std::move(fd), kind});
}

void FdWriter::close() {
  stop_watching();
  MutexLock lock(mutex_);
  target_.reset();
  buffer_.clear();
  sent_ = 0;
}

void FdWriter::write(std::span<const std::byte> bytes) {
  MutexLock lock(mutex_);
  const bool was_idle = pending() == 0;
  if (was_idle) bytes = bytes.subspan(write_some(bytes));
  while (target_ && !bytes.empty()) {
    const size_t room = options_.buffer_limit - std::min(options_.buffer_limit, pending());
    const auto kept = bytes.first(std::min(room, bytes.size()));
    buffer_.insert(buffer_.end(), kept.begin(), kept.end());
    bytes = bytes.subspan(kept.size());
    if (!bytes.empty() && !wait_for_reader()) {
      drop(bytes.size());
      break;
    }
  }
  if (was_idle && pending() != 0) wake_.signal();
}

uint64_t FdWriter::dropped() {
  MutexLock lock(mutex_);
  return dropped_;
}

size_t FdWriter::write_some(std::span<const std::byte> bytes) {
  size_t total = 0;
  while (target_ && total < bytes.size()) {
    const int fd = target_->fd.get();
    auto chunk = bytes.subspan(total);
    ssize_t count = 0;
    if (target_->kind == Kind::kSocket) {
      count = ::send(fd, chunk.data(), chunk.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    } else {
      if (target_->kind == Kind::kBlocking) {
        pollfd request{fd, POLLOUT, 0};
        if (::poll(&request, 1, 0) <= 0) break;
        // A pipe that can be written has room for this much (pipe(7)).
        chunk = chunk.first(std::min<size_t>(chunk.size(), PIPE_BUF));
      }
      count = ::write(fd, chunk.data(), chunk.size());
    }
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) break;
    if (count < 0) {
      end_output(errno);
      break;
    }
    total += static_cast<size_t>(count);
  }
  progress_ += total;
  if (total != 0 && stuck_) {
    stuck_ = false;
    log::warn("The reader of the {} is back; {} bytes were dropped", what_,
              dropped_ - std::exchange(reported_, dropped_));
  }
  return total;
}

void FdWriter::flush() {
  sent_ += write_some(std::span(buffer_).subspan(sent_));
  if (!target_ || sent_ == buffer_.size()) {
    buffer_.clear();
    sent_ = 0;
  } else if (sent_ >= buffer_.size() / 2) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<ptrdiff_t>(sent_));
    sent_ = 0;
  }
}

bool FdWriter::wait_for_reader() {
  if (stuck_) return false;
  const uint64_t before = progress_;
  const std::shared_ptr<Target> target = target_;
  mutex_.unlock();
  poll_writable(target->fd.get(), options_.patience);
  mutex_.lock();
  flush();
  if (progress_ != before) return true;
  if (target_ == target) {
    stuck_ = true;
    trouble_.warn("Nobody reads the {}: what comes now is dropped", what_);
  }
  return false;
}

void FdWriter::drop(size_t bytes) {
  dropped_ += bytes;
}

void FdWriter::end_output(int error) {
  // A reader that goes away is no news; a full disk is.
  if (error != EPIPE && error != ECONNRESET && error != EIO) {
    trouble_.warn("Cannot write the {}: {}", what_, errno_text(error));
  }
  // A disk may get room again; the other ends are final.
  if (error == ENOSPC || error == EDQUOT) {
    stuck_ = true;
    return;
  }
  target_.reset();
}

void FdWriter::on_wake() {
  wake_.consume();
  {
    MutexLock lock(mutex_);
    if (watched_ || !target_ || pending() == 0) return;
    watched_ = target_;
  }
  try {
    loop_.add(watched_->fd.get(), EPOLLOUT, [this](uint32_t) { on_writable(); });
  } catch (const Error&) {
    // Files and some devices cannot be watched. They make nobody wait either: only a full disk
    // gets here, and no event tells when it has room again.
    watched_.reset();
    MutexLock lock(mutex_);
    flush();
    drop(pending());
    buffer_.clear();
    sent_ = 0;
  }
}

void FdWriter::on_writable() {
  bool done = false;
  {
    MutexLock lock(mutex_);
    flush();
    done = !target_ || pending() == 0;
  }
  if (done) stop_watching();
}

void FdWriter::stop_watching() {
  if (!watched_) return;
  loop_.remove(watched_->fd.get());
  watched_.reset();
}

}  // namespace lintel
