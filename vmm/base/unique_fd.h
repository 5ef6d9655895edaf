// SPDX-License-Identifier: Apache-2.0
// An owned file descriptor. Passing a UniqueFd by value hands the descriptor over; a raw `int fd`
// parameter never takes ownership.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace lintel {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset();

 private:
  int fd_ = -1;
};

// open(2) with O_CLOEXEC; `mode` is for O_CREAT. Throws Error "Cannot open PATH".
UniqueFd open_file(const std::string& path, int flags, unsigned mode = 0);

// Another descriptor of the same open file, above the standard ones. Throws Error.
UniqueFd duplicate_fd(int fd);

// The whole file. Throws Error, also where it has more than `limit` bytes.
std::string read_whole_file(const std::string& path, uint64_t limit = 1ull << 30);

// Reads or writes everything, or throws Error. A short read at the end of the file is an error.
void read_exactly(int fd, std::span<std::byte> to, uint64_t offset);
void write_exactly(int fd, std::span<const std::byte> from, uint64_t offset);
uint64_t file_size(int fd);

// A counter to signal another thread or the kernel with (eventfd(2), non-blocking, close-on-exec).
class EventFd {
 public:
  EventFd();

  void signal() const;
  // Resets the counter; false if it was zero.
  bool consume() const;
  // Whether the counter is not zero.
  bool is_signalled() const;
  int get() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

}  // namespace lintel
