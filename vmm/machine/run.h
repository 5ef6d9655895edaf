// SPDX-License-Identifier: Apache-2.0
// `lintel run`: machines one after the other until one ends for good, and the signals and terminal
// around them.
#pragma once

#include "vmm/config/config.h"
#include "vmm/config/exit_codes.h"

namespace lintel {

// Returns the exit status (exit_codes.h). Throws Error for what keeps the guest from starting.
int run_vm(const config::Config& config);

}  // namespace lintel
