// SPDX-License-Identifier: Apache-2.0
// What the exit status of `lintel` says. 0-119 is the guest's own code; a guest's code above that
// is reported as 119, so that no guest can pretend to be one of ours.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace lintel {

enum class ExitCode : int {
  kSuccess = 0,
  kSkipped = 77,
  kGuestMax = 119,
  kPanic = 120,
  kReset = 121,
  kStall = 122,
  kPattern = 123,
  kTimeout = 124,
  kHost = 125,
  kInternal = 126,
  kNoCommand = 127,
};

constexpr int to_status(ExitCode code) {
  return static_cast<int>(code);
}

// The status for a code that the guest chose.
constexpr int guest_status(unsigned code) {
  return static_cast<int>(std::min(code, static_cast<unsigned>(ExitCode::kGuestMax)));
}

struct ExitCodeDoc {
  ExitCode code;
  std::string_view doc;
};

inline constexpr std::array kExitCodes{
    ExitCodeDoc{ExitCode::kSkipped, "Skipped: the host lacks something, and that was allowed."},
    ExitCodeDoc{ExitCode::kPanic,
                "The guest's kernel panicked, and has the driver that tells (pvpanic)."},
    ExitCodeDoc{ExitCode::kReset, "A triple fault, or a reset where none was expected."},
    ExitCodeDoc{ExitCode::kStall, "A virtual CPU made no progress."},
    ExitCodeDoc{ExitCode::kPattern,
                "A forbidden pattern on the console, or an expected one missing."},
    ExitCodeDoc{ExitCode::kTimeout, "The time limit passed."},
    ExitCodeDoc{ExitCode::kHost,
                "A bad command line or file, or the host is not ready; the guest never ran."},
    ExitCodeDoc{ExitCode::kInternal, "An error of Lintel itself after the guest had started."},
    ExitCodeDoc{ExitCode::kNoCommand, "The guest has no such command."}};

}  // namespace lintel
