// SPDX-License-Identifier: Apache-2.0
// ioctl(2) that throws with the request's name.
#pragma once

#include <sys/ioctl.h>

#include <cerrno>

#include "vmm/base/error.h"

namespace lintel {

// Returns the call's result. `name` is the request as headers spell it: "KVM_CREATE_VM".
template <typename Argument>
int checked_ioctl(int fd, unsigned long request, const char* name, Argument argument) {
  while (true) {
    const int result = ::ioctl(fd, request, argument);
    if (result >= 0) return result;
    if (errno != EINTR) throw_errno(errno, "{} failed", name);
  }
}

}  // namespace lintel
