// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/byte_source.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "vmm/base/error.h"

namespace lintel::boot {

void ByteSource::read(uint64_t offset, std::span<std::byte> to) const {
  if (offset > size() || to.size() > size() - offset) {
    throw_error("The file ends early: {} bytes are needed at offset {:#x}, but it has {:#x} bytes",
                to.size(), offset, size());
  }
  if (!to.empty()) do_read(offset, to);
}

void ByteSource::read_into(const GuestMemory& memory, GuestAddress address, uint64_t offset,
                           uint64_t size) const {
  if (size == 0) return;
  const auto to = memory.slice(address, size);
  if (to.empty()) {
    throw_error("Guest memory [{:#x}, +{:#x}) is not all RAM", address.value, size);
  }
  read(offset, to);
}

FileSource::FileSource(const std::string& path)
    // A FIFO must not block us here; on regular files the flag means nothing.
    : FileSource(open_file(path, O_RDONLY | O_NONBLOCK), path) {}

FileSource::FileSource(UniqueFd fd, std::string path) : path_(std::move(path)), fd_(std::move(fd)) {
  if (fstat(fd_.get(), &status_) != 0) throw_errno(errno, "Cannot stat {}", path_);
  if (!S_ISREG(status_.st_mode)) throw_error("{} is not a regular file", path_);
}

void FileSource::do_read(uint64_t offset, std::span<std::byte> to) const {
  with_context([&] { return "Cannot read " + path_; },
               [&] { read_exactly(fd_.get(), to, offset); });
}

void SpanSource::do_read(uint64_t offset, std::span<std::byte> to) const {
  std::memcpy(to.data(), bytes_.data() + offset, to.size());
}

}  // namespace lintel::boot
