// SPDX-License-Identifier: Apache-2.0
// `lintel devices --config`: what a guest would see of a function's configuration space, and why.
#pragma once

#include <string>

#include "passthrough/host/inventory.h"
#include "passthrough/host/tree.h"

namespace lintel::commands {

// A row for each capability. Throws Error for a device that is not there, or whose configuration
// space may not be read.
std::string config_table(const passthrough::host::Tree& tree,
                         const passthrough::host::Inventory& inventory, const std::string& device);

}  // namespace lintel::commands
