// SPDX-License-Identifier: Apache-2.0
// From a [[net]] of the configuration to the network device.
#pragma once

#include <memory>

#include "vmm/config/config.h"
#include "vmm/machine/device_table.h"
#include "vmm/virtio/device.h"

namespace lintel {

// Throws Error.
std::unique_ptr<virtio::Device> make_net_device(const DeviceServices& services,
                                                const config::NetConfig& net);

}  // namespace lintel
