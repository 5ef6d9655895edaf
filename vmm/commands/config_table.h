// SPDX-License-Identifier: Apache-2.0
// `lintel devices --config`: what a guest would see of a function's configuration space, and why.
#pragma once

#include <string>

#include "passthrough/host/inventory.h"
#include "passthrough/host/tree.h"

namespace lintel::commands {

// A row for each capability and each patch, then the bytes. `from`: a configuration whose [[pci]]
// for the device says what is hidden, shown and patched; empty: nothing is. Throws Error for a
// device that is not there or not in `from`, or whose configuration space may not be read.
std::string config_table(const passthrough::host::Tree& tree,
                         const passthrough::host::Inventory& inventory, const std::string& device,
                         const std::string& from);

}  // namespace lintel::commands
