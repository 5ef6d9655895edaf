// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/mmap_region.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "vmm/base/error.h"
#include "vmm/base/types.h"

namespace lintel {

size_t host_page_size() {
  return static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

MmapRegion MmapRegion::map(size_t size, int protection, int flags, int fd, uint64_t offset) {
  void* address = mmap(nullptr, size, protection, flags, fd, static_cast<off_t>(offset));
  if (address == MAP_FAILED) throw_errno(errno, "Cannot map {} bytes", size);
  return MmapRegion(address, size);
}

MmapRegion MmapRegion::anonymous(size_t size, size_t alignment) {
  return reserve(size, PROT_READ | PROT_WRITE, {.alignment = alignment});
}

MmapRegion MmapRegion::shared(int fd, uint64_t offset, size_t size, int protection,
                              Placement placement) {
  MmapRegion region = reserve(size, PROT_NONE, placement);
  if (mmap(region.address_, size, protection, MAP_SHARED | MAP_FIXED, fd,
           static_cast<off_t>(offset)) == MAP_FAILED) {
    throw_errno(errno, "Cannot map {:#x} bytes at offset {:#x} of a file", size, offset);
  }
  return region;
}

MmapRegion MmapRegion::reserve(size_t size, int protection, Placement placement) {
  // Map more than is needed, then give back what lies before and behind the aligned part. Whole
  // pages only: the kernel gives back no others.
  const size_t alignment = std::max(placement.alignment, host_page_size());
  const size_t kept = align_up(size, host_page_size());
  MmapRegion whole =
      map(kept + alignment, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  const auto start = reinterpret_cast<uintptr_t>(whole.address_);
  const size_t before = (placement.remainder - start) & (alignment - 1);
  const size_t behind = alignment - before;
  if (before != 0) munmap(whole.address_, before);
  if (behind != 0) munmap(whole.address_ + before + kept, behind);
  std::byte* address = whole.address_ + before;
  whole.address_ = nullptr;
  return MmapRegion(address, size);
}

MmapRegion::MmapRegion(MmapRegion&& other) noexcept
    : address_(std::exchange(other.address_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MmapRegion& MmapRegion::operator=(MmapRegion&& other) noexcept {
  if (this != &other) {
    reset();
    address_ = std::exchange(other.address_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void MmapRegion::reset() {
  if (address_ != nullptr) munmap(address_, size_);
  address_ = nullptr;
  size_ = 0;
}

}  // namespace lintel
