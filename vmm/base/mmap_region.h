// SPDX-License-Identifier: Apache-2.0
// An owned mapping of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lintel {

// The unit in which the host's kernel maps memory: 4 KiB, or 16 or 64 KiB on some arm64 kernels.
size_t host_page_size();

class MmapRegion {
 public:
  MmapRegion() = default;
  // Takes over an existing mapping.
  MmapRegion(void* address, size_t size)
      : address_(static_cast<std::byte*>(address)), size_(size) {}
  // mmap(2) with the kernel's choice of address. Throws Error.
  static MmapRegion map(size_t size, int protection, int flags, int fd, uint64_t offset);
  // Anonymous private memory whose start has the given power-of-two alignment, at least. Throws
  // Error.
  static MmapRegion anonymous(size_t size, size_t alignment);
  // A shared mapping of a file, at an address that is `remainder` modulo the power of two
  // `alignment`: so that large pages of what the file maps are large pages here. Throws Error.
  struct Placement {
    size_t alignment = 1;
    size_t remainder = 0;  // whole pages
  };
  static MmapRegion shared(int fd, uint64_t offset, size_t size, int protection,
                           Placement placement);

  MmapRegion(MmapRegion&& other) noexcept;
  MmapRegion& operator=(MmapRegion&& other) noexcept;
  MmapRegion(const MmapRegion&) = delete;
  MmapRegion& operator=(const MmapRegion&) = delete;
  ~MmapRegion() { reset(); }

  std::byte* data() const { return address_; }
  size_t size() const { return size_; }
  std::span<std::byte> bytes() const { return {address_, size_}; }
  explicit operator bool() const { return address_ != nullptr; }
  void reset();

 private:
  // Private memory that takes none.
  static MmapRegion reserve(size_t size, int protection, Placement placement);

  std::byte* address_ = nullptr;
  size_t size_ = 0;
};

}  // namespace lintel
