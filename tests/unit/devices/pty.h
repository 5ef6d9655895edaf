// SPDX-License-Identifier: Apache-2.0
// A pseudo-terminal: `user` is the terminal of the process under test, `other` is who sits there.
#pragma once

#include <fcntl.h>
#include <stdlib.h>

#include <array>

#include "vmm/base/unique_fd.h"

namespace lintel {

struct Pty {
  Pty() : other(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    std::array<char, 128> path{};
    if (grantpt(other.get()) != 0 || unlockpt(other.get()) != 0 ||
        ptsname_r(other.get(), path.data(), path.size()) != 0) {
      abort();
    }
    user = open_file(path.data(), O_RDWR | O_NOCTTY);
  }

  UniqueFd other;
  UniqueFd user;
};

}  // namespace lintel
