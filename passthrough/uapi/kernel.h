// SPDX-License-Identifier: Apache-2.0
// How VFIO's and iommufd's calls reach the kernel; tests answer them instead. What else goes over
// their descriptors (pread, pwrite, mmap) is plain file I/O.
#pragma once

#include <cstdint>
#include <string>

#include "vmm/base/unique_fd.h"

namespace lintel::passthrough::uapi {

// Threads: any. Outlives everything that it was passed to.
class Kernel {
 public:
  virtual ~Kernel() = default;

  // A device node, for reading and writing. Throws Error "Cannot open PATH".
  virtual UniqueFd open(const std::string& path) = 0;
  // ioctl(2), whose argument is a pointer or a number. A failure is the negative errno.
  virtual int ioctl(int fd, unsigned long request, uintptr_t argument) = 0;
};

class HostKernel final : public Kernel {
 public:
  UniqueFd open(const std::string& path) override;
  int ioctl(int fd, unsigned long request, uintptr_t argument) override;
};

// A request with its name as headers spell it: "VFIO_SET_IOMMU".
struct Request {
  unsigned long number;
  const char* name;
};

// Repeats what a signal interrupted. The first one throws Error "NAME failed", the second gives the
// negative errno.
int checked_ioctl(Kernel& kernel, int fd, Request request, uintptr_t argument);
int plain_ioctl(Kernel& kernel, int fd, Request request, uintptr_t argument);

inline uintptr_t pointer(const void* argument) {
  return reinterpret_cast<uintptr_t>(argument);
}

}  // namespace lintel::passthrough::uapi
