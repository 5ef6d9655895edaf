// SPDX-License-Identifier: Apache-2.0
#include "passthrough/uapi/kernel.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include <cerrno>

#include "vmm/base/error.h"

namespace lintel::passthrough::uapi {

UniqueFd HostKernel::open(const std::string& path) {
  return open_file(path, O_RDWR);
}

int HostKernel::ioctl(int fd, unsigned long request, uintptr_t argument) {
  const int result = ::ioctl(fd, request, argument);
  return result < 0 ? -errno : result;
}

int plain_ioctl(Kernel& kernel, int fd, Request request, uintptr_t argument) {
  while (true) {
    const int result = kernel.ioctl(fd, request.number, argument);
    if (result != -EINTR) return result;
  }
}

int checked_ioctl(Kernel& kernel, int fd, Request request, uintptr_t argument) {
  const int result = plain_ioctl(kernel, fd, request, argument);
  if (result < 0) throw_errno(-result, "{} failed", request.name);
  return result;
}

}  // namespace lintel::passthrough::uapi
