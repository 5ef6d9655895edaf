// SPDX-License-Identifier: Apache-2.0
// What a machine takes from the host for its [[pci]].
#pragma once

#include <cstddef>
#include <vector>

#include "passthrough/host/bound_devices.h"
#include "passthrough/host/inventory.h"
#include "vmm/config/config.h"

namespace lintel {

struct PlannedFunction {
  size_t pci = 0;  // which [[pci]]
  passthrough::host::BindRequest request;
};

// All functions that the configuration takes, those of one [[pci]] together and the named one
// first. Throws Error for what host_devices::check_host reports as an error about the choice.
// `inventory`: with the reset methods that devices had before they were ours.
std::vector<PlannedFunction> plan_pci(const config::Config& config,
                                      const passthrough::host::Inventory& inventory);

}  // namespace lintel
