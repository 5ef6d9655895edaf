// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/passed_devices.h"

#include <algorithm>

#include "vmm/commands/host_check.h"

namespace lintel {
namespace {

passthrough::Backend backend_of(config::PassthroughBackend backend) {
  switch (backend) {
    case config::PassthroughBackend::kAuto: return passthrough::Backend::kAuto;
    case config::PassthroughBackend::kContainer: return passthrough::Backend::kContainer;
    case config::PassthroughBackend::kIommufd: return passthrough::Backend::kIommufd;
  }
  return passthrough::Backend::kAuto;
}

// Of the function that the configuration names; its neighbours may lack that way.
passthrough::ResetPolicy reset_of(config::PciReset reset, bool named) {
  switch (reset) {
    case config::PciReset::kFlr:
    case config::PciReset::kDeviceSpecific:
    case config::PciReset::kPm:
      return named ? passthrough::ResetPolicy::kFunction : passthrough::ResetPolicy::kAuto;
    case config::PciReset::kBus: return passthrough::ResetPolicy::kBus;
    case config::PciReset::kNone: return passthrough::ResetPolicy::kNone;
    case config::PciReset::kAuto: break;
  }
  return passthrough::ResetPolicy::kAuto;
}

bool resets_at(const config::PciConfig& pci, std::string_view moment) {
  return std::find(pci.reset_when.begin(), pci.reset_when.end(), moment) != pci.reset_when.end();
}

// A slot must have a function 0; one that is passed without it takes its place.
void number_functions(PassedDevices::Slot& slot) {
  const auto is_zero = [](const PassedDevices::Slot::Function& function) {
    return function.number == 0;
  };
  if (std::none_of(slot.functions.begin(), slot.functions.end(), is_zero)) {
    slot.functions.front().number = 0;
  }
}

}  // namespace

std::unique_ptr<PassedDevices> PassedDevices::take(const config::Config& config) {
  if (config.pcis.empty()) return nullptr;
  return std::unique_ptr<PassedDevices>(new PassedDevices(config));
}

PassedDevices::PassedDevices(const config::Config& config) {
  for (const config::PciConfig& pci : config.pcis) slots_.push_back({.pci = &pci, .functions = {}});

  std::vector<passthrough::host::BindRequest> requests;
  std::vector<passthrough::SessionDevice> devices;
  const auto add = [&](size_t pci, passthrough::SessionDevice device, unsigned number, bool named) {
    device.reset = reset_of(config.pcis[pci].reset, named);
    device.reset_at_start = resets_at(config.pcis[pci], "start");
    device.reset_at_reboot = resets_at(config.pcis[pci], "reboot");
    device.reset_at_end = resets_at(config.pcis[pci], "end");
    slots_[pci].functions.push_back({.device = devices.size(), .number = number, .named = named});
    devices.push_back(std::move(device));
  };
  const auto inventory = passthrough::host::take_inventory(tree_);
  for (const commands::PlannedFunction& planned : commands::plan_pci(config, inventory)) {
    requests.push_back(planned.request);
    const passthrough::host::PciAddress address = planned.request.address;
    add(planned.pci, {.name = to_string(address), .socket = {}}, address.bdf.devfn.function(),
        slots_[planned.pci].functions.empty());
  }
  for (size_t i = 0; i < config.pcis.size(); ++i) {
    const std::string& socket = config.pcis[i].socket;
    if (!socket.empty()) add(i, {.name = {}, .socket = socket}, 0, true);
  }
  for (Slot& slot : slots_) number_functions(slot);

  if (!requests.empty()) {
    bound_.emplace(passthrough::host::HostAccess{tree_, writer_, journals_}, config.vm.name,
                   requests);
  }
  session_ = std::make_unique<passthrough::Session>(
      devices,
      passthrough::Session::Options{.backend = backend_of(config.passthrough.backend),
                                    .allow_unsafe_noiommu = config.passthrough.unsafe_noiommu});
}

}  // namespace lintel
