// SPDX-License-Identifier: Apache-2.0
// The initial RAM disk: files put behind each other, as the kernel unpacks concatenated archives
// (Linux Documentation/driver-api/early-userspace/buffer-format.rst).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "firmware/boot/byte_source.h"
#include "vmm/memory/guest_memory.h"

namespace lintel::boot {

class Initrd {
 public:
  // Opens the files. Throws Error.
  explicit Initrd(std::span<const std::string> paths);

  // Each file starts at a multiple of four bytes; zero without files.
  uint64_t size() const { return size_; }

  void load(const GuestMemory& memory, GuestAddress address) const;

 private:
  std::vector<FileSource> files_;
  uint64_t size_ = 0;
};

}  // namespace lintel::boot
