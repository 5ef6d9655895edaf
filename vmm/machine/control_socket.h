// SPDX-License-Identifier: Apache-2.0
// The control socket of the machine that runs.
#pragma once

#include <memory>

#include "vmm/api/control.h"
#include "vmm/api/server.h"
#include "vmm/api/socket_file.h"
#include "vmm/base/event_loop.h"
#include "vmm/config/config.h"

namespace lintel {

// Null where there is no folder for it, none can be made, or a machine of the same name runs: this
// one runs without, and the log says so.
std::unique_ptr<api::SocketFile> make_control_socket(const config::Config& config);

// The configured devices that do not change while the machine runs.
std::vector<api::DeviceStatus> fixed_devices(const config::Config& config);

}  // namespace lintel
