// SPDX-License-Identifier: Apache-2.0
// What the exit status of `lintel` says. 0-119 is the guest's own code; a guest's code above that
// is reported as 119, so that no guest can pretend to be one of ours.
#pragma once

#include <algorithm>

namespace lintel {

enum class ExitCode : int {
  kSuccess = 0,
  kSkipped = 77,  // the host lacks what the configuration asks for, and that was declared fine
  kGuestMax = 119,
  kPanic = 120,      // the guest's kernel reported a panic
  kReset = 121,      // triple fault, or a reset where none was expected
  kStall = 122,      // a vCPU makes no progress
  kPattern = 123,    // a forbidden console pattern, or an expected one is missing
  kTimeout = 124,    // the deadline passed (as timeout(1))
  kHost = 125,       // bad configuration, or the host is not ready; the guest never ran
  kInternal = 126,   // an error of the monitor after the guest started
  kNoCommand = 127,  // the guest has no such command
};

constexpr int to_status(ExitCode code) {
  return static_cast<int>(code);
}

// The status for a code that the guest chose.
constexpr int guest_status(unsigned code) {
  return static_cast<int>(std::min(code, static_cast<unsigned>(ExitCode::kGuestMax)));
}

}  // namespace lintel
