// SPDX-License-Identifier: Apache-2.0
// How a machine's run ended.
#pragma once

#include <cstdint>
#include <string>

namespace lintel {

struct Outcome {
  enum class Kind : uint8_t {
    kPowerOff,     // the guest powered off (ACPI S5, PSCI)
    kReset,        // the guest asked for a reset
    kTripleFault,  // a CPU shut down
    kPanic,        // the guest's kernel said that it panicked
    kDebugExit,    // the guest gave an exit code
    kHardStop,     // the user stopped it without asking the guest
    kTimeout,      // the deadline passed
    kFailure,      // the monitor or KVM failed; `detail` says how
  };

  Kind kind = Kind::kPowerOff;
  uint32_t guest_code = 0;  // kDebugExit
  std::string detail;
};

}  // namespace lintel
