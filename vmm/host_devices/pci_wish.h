// SPDX-License-Identifier: Apache-2.0
// What [[pci]] and [passthrough] ask for, in the words of passthrough.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "passthrough/backend.h"
#include "passthrough/host/choose.h"
#include "passthrough/host/inventory.h"
#include "vmm/config/config.h"

namespace lintel::host_devices {

passthrough::Backend backend_of(config::PassthroughBackend backend);

passthrough::host::Wish wish_of(const config::PciConfig& pci);

// The kernel's names of the resets that will do, in the order of preference; empty where any will.
std::vector<std::string_view> reset_methods_of(config::PciReset reset);
// The one of them that the function has; empty if it has none of them.
std::string reset_method_of(config::PciReset reset,
                            const passthrough::host::HostFunction& function);

}  // namespace lintel::host_devices
