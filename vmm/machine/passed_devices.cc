// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/passed_devices.h"

namespace lintel {
std::unique_ptr<passthrough::Session> open_passed_devices(const config::Config& config) {
  if (config.pcis.empty()) return nullptr;
  std::vector<passthrough::SessionDevice> devices;
  devices.reserve(config.pcis.size());
  for (const config::PciConfig& pci : config.pcis) {
    devices.push_back({.name = pci.device, .socket = {}});
  }
  return std::make_unique<passthrough::Session>(devices, passthrough::Session::Options{});
}

}  // namespace lintel
