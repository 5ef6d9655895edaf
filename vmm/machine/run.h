// SPDX-License-Identifier: Apache-2.0
// `lintel run`: machines one after the other until one ends for good, and the signals and terminal
// around them.
#pragma once

#include <string>

#include "vmm/config/config.h"
#include "vmm/config/exit_codes.h"

namespace lintel {

// Returns the exit status (exit_codes.h). Throws Error for what keeps the guest from starting.
int run_vm(const config::Config& config);

// Makes the machine, with all that it opens and loads, writes the device tree that its guest was to
// get to `file`, and takes the machine apart without having started it. Throws Error.
void dump_device_tree(const config::Config& config, const std::string& file);

}  // namespace lintel
