// SPDX-License-Identifier: Apache-2.0
// `lintel devices`: the host's PCI functions as a table, in detail, as JSON, or as TOML.
#pragma once

#include <string>

#include "passthrough/host/tree.h"
#include "vmm/config/cli.h"

namespace lintel::commands {

// What the command prints. Throws Error for a device that is not there.
std::string show_devices(const passthrough::host::Tree& tree, const cli::DevicesCommand& command);

}  // namespace lintel::commands
