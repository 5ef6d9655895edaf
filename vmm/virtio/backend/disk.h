// SPDX-License-Identifier: Apache-2.0
// A raw disk image or a block device of the host: opened, locked, measured.
#pragma once

#include <cstdint>
#include <string>

#include "vmm/base/unique_fd.h"

namespace lintel::virtio {

struct DiskOptions {
  std::string path;
  bool readonly = false;
  bool direct = false;  // O_DIRECT
};

struct DiskGeometry {
  uint64_t bytes = 0;  // whole sectors of 512
  // The smallest unit and alignment of an access: above 512 only for O_DIRECT.
  uint32_t logical_block = 512;
  // What an access should better be a multiple of.
  uint32_t physical_block = 512;
  // Of buffers in memory; 1 without O_DIRECT.
  uint32_t memory_alignment = 1;
};

// The process whose lock keeps the disk from being opened so, "process 1234 (lintel)". Empty if
// there is none, or it is not to be seen. Locks nothing.
std::string disk_lock_holder(const DiskOptions& options);

class Disk {
 public:
  // Throws Error that says what the user can do: no such file, mounted, locked by another process.
  explicit Disk(const DiskOptions& options);

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }
  bool readonly() const { return readonly_; }
  bool direct() const { return direct_; }
  const DiskGeometry& geometry() const { return geometry_; }

 private:
  std::string path_;
  bool readonly_;
  bool direct_;
  UniqueFd fd_;  // carries the lock
  DiskGeometry geometry_;
};

}  // namespace lintel::virtio
