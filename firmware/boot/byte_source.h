// SPDX-License-Identifier: Apache-2.0
// Bytes at offsets, read on demand: a file that goes into guest memory is never held on our heap,
// and the same parsers run on bytes in memory.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>

#include "vmm/base/types.h"
#include "vmm/base/unique_fd.h"
#include "vmm/memory/guest_memory.h"

namespace lintel::boot {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual uint64_t size() const = 0;

  // Throws Error if [offset, +to.size()) is not all inside.
  void read(uint64_t offset, std::span<std::byte> to) const;

  template <typename T>
  T read_object(uint64_t offset) const {
    static_assert(std::is_trivially_copyable_v<T>);
    T object;
    read(offset, std::as_writable_bytes(std::span(&object, 1)));
    return object;
  }

  // Straight into guest RAM. Throws Error if either side has no such range.
  void read_into(const GuestMemory& memory, GuestAddress address, uint64_t offset,
                 uint64_t size) const;

 private:
  // `offset` and `to` were checked.
  virtual void do_read(uint64_t offset, std::span<std::byte> to) const = 0;
};

class FileSource : public ByteSource {
 public:
  // Throws Error if the path is not a readable regular file.
  explicit FileSource(const std::string& path);
  // Takes over an open descriptor; `path` is for messages.
  FileSource(UniqueFd fd, std::string path);

  uint64_t size() const override { return static_cast<uint64_t>(status_.st_size); }
  const std::string& path() const { return path_; }
  int fd() const { return fd_.get(); }
  // As it was when the file was opened.
  const struct stat& status() const { return status_; }

 private:
  void do_read(uint64_t offset, std::span<std::byte> to) const override;

  std::string path_;
  UniqueFd fd_;
  struct stat status_;
};

class SpanSource : public ByteSource {
 public:
  // The bytes must outlive the source.
  explicit SpanSource(std::span<const std::byte> bytes) : bytes_(bytes) {}
  uint64_t size() const override { return bytes_.size(); }

 private:
  void do_read(uint64_t offset, std::span<std::byte> to) const override;

  std::span<const std::byte> bytes_;
};

}  // namespace lintel::boot
