// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/unique_fd.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "vmm/base/error.h"

namespace lintel {

void UniqueFd::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

UniqueFd duplicate_fd(int fd) {
  UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!copy) throw_errno(errno, "Cannot duplicate file descriptor {}", fd);
  return copy;
}

UniqueFd open_file(const std::string& path, int flags, unsigned mode) {
  UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC, mode));
  if (!fd) throw_errno(errno, "Cannot open {}", path);
  return fd;
}

std::string read_whole_file(const std::string& path, uint64_t limit) {
  UniqueFd fd = open_file(path, O_RDONLY);
  std::string content;
  char buffer[65536];
  while (true) {
    const ssize_t count = ::read(fd.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno(errno, "Cannot read {}", path);
    if (count == 0) return content;
    content.append(buffer, static_cast<size_t>(count));
    if (content.size() > limit) throw_error("Cannot read {}: more than {} bytes", path, limit);
  }
}

void read_exactly(int fd, std::span<std::byte> to, uint64_t offset) {
  while (!to.empty()) {
    const ssize_t count = ::pread(fd, to.data(), to.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno(errno, "Cannot read {} bytes at offset {:#x}", to.size(), offset);
    if (count == 0) {
      throw_error("Cannot read {} bytes at offset {:#x}: the file ends there", to.size(), offset);
    }
    to = to.subspan(static_cast<size_t>(count));
    offset += static_cast<uint64_t>(count);
  }
}

void write_exactly(int fd, std::span<const std::byte> from, uint64_t offset) {
  while (!from.empty()) {
    const ssize_t count = ::pwrite(fd, from.data(), from.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno(errno, "Cannot write {} bytes at offset {:#x}", from.size(), offset);
    from = from.subspan(static_cast<size_t>(count));
    offset += static_cast<uint64_t>(count);
  }
}

uint64_t file_size(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0) throw_errno(errno, "Cannot stat file descriptor {}", fd);
  return static_cast<uint64_t>(status.st_size);
}

EventFd::EventFd() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!fd_) throw_errno(errno, "Cannot create an eventfd");
}

void EventFd::signal() const {
  const uint64_t one = 1;
  // Fails only when the counter is full, and then it is signalled already.
  [[maybe_unused]] const ssize_t result = ::write(fd_.get(), &one, sizeof one);
}

bool EventFd::consume() const {
  uint64_t count = 0;
  return ::read(fd_.get(), &count, sizeof count) == sizeof count;
}

bool EventFd::is_signalled() const {
  pollfd poll{.fd = fd_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&poll, 1, 0) == 1;
}

}  // namespace lintel
