// SPDX-License-Identifier: Apache-2.0
// What the exit status of `lintel` says. 0-119 is the guest's own code; a guest's code above that
// is reported as 119, so that no guest can pretend to be one of ours. 77, 122, 123 and 127 are kept
// for verdicts on a guest's tests: skipped, stalled, a pattern on its console, no such command.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace lintel {

enum class ExitCode : int {
  kSuccess = 0,
  kGuestMax = 119,
  kPanic = 120,
  kReset = 121,
  kTimeout = 124,
  kHost = 125,
  kInternal = 126,
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
    ExitCodeDoc{ExitCode::kPanic,
                "The guest's kernel panicked, and has the driver that tells (pvpanic)."},
    ExitCodeDoc{ExitCode::kReset, "A triple fault, or a reset where none was expected."},
    ExitCodeDoc{
        ExitCode::kTimeout,
        "vm.timeout passed, or the guest did not power off within vm.shutdown_timeout of the "
        "power button, or a second signal came before it had. Of lintel attach and detach: "
        "the guest did not answer."},
    ExitCodeDoc{ExitCode::kHost,
                "A bad command line or file, or the host is not ready; the guest never ran. Of the "
                "commands for a machine that runs: there is none, or it refused."},
    ExitCodeDoc{ExitCode::kInternal, "An error of Lintel itself after the guest had started."}};

}  // namespace lintel
