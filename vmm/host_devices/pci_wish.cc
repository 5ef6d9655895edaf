// SPDX-License-Identifier: Apache-2.0
#include "vmm/host_devices/pci_wish.h"

namespace lintel::host_devices {

using config::PciReset;

passthrough::Backend backend_of(config::PassthroughBackend backend) {
  switch (backend) {
    case config::PassthroughBackend::kAuto: break;
    case config::PassthroughBackend::kContainer: return passthrough::Backend::kContainer;
    case config::PassthroughBackend::kIommufd: return passthrough::Backend::kIommufd;
  }
  return passthrough::Backend::kAuto;
}

passthrough::host::Wish wish_of(const config::PciConfig& pci) {
  return {pci.device.value(), pci.expect, pci.functions == config::PciFunctions::kAll};
}

std::vector<std::string_view> reset_methods_of(PciReset reset) {
  switch (reset) {
    case PciReset::kFlr: return {"flr", "af_flr"};
    case PciReset::kDeviceSpecific: return {"device_specific"};
    case PciReset::kPm: return {"pm"};
    // VFIO resets a bus with several functions by itself, where the kernel has no such method.
    case PciReset::kBus: return {"bus"};
    case PciReset::kAuto:
    case PciReset::kNone: break;
  }
  return {};
}

std::string reset_method_of(PciReset reset, const passthrough::host::HostFunction& function) {
  for (const std::string_view method : reset_methods_of(reset)) {
    if (function.can_reset(method)) return std::string(method);
  }
  return {};
}

}  // namespace lintel::host_devices
