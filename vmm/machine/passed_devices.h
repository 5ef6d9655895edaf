// SPDX-License-Identifier: Apache-2.0
// From the configuration to the open devices of the host.
#pragma once

#include <memory>

#include "passthrough/session.h"
#include "vmm/config/config.h"

namespace lintel {

// Null if the configuration has none. Throws Error.
std::unique_ptr<passthrough::Session> open_passed_devices(const config::Config& config);

}  // namespace lintel
