// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/passed_devices.h"

#include <algorithm>

#include "passthrough/pci/function.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/boards/board.h"
#include "vmm/host_devices/host_check.h"
#include "vmm/host_devices/pci_wish.h"
#include "vmm/machine/pci_plan.h"

namespace lintel {

using passthrough::host::ReleaseReport;

namespace {

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
void number_functions(std::vector<PassedDevices::Function>& functions) {
  const auto is_zero = [](const PassedDevices::Function& function) { return function.number == 0; };
  if (!functions.empty() && std::none_of(functions.begin(), functions.end(), is_zero)) {
    functions.front().number = 0;
  }
}

std::vector<passthrough::host::PciAddress> addresses_of(
    const std::vector<PassedDevices::Function>& functions) {
  std::vector<passthrough::host::PciAddress> addresses;
  for (const PassedDevices::Function& function : functions) {
    if (function.address) addresses.push_back(*function.address);
  }
  return addresses;
}

}  // namespace

passthrough::pci::FunctionOptions options_of(const config::PciConfig& pci, bool named) {
  passthrough::pci::FunctionOptions options;
  // Nothing but the whole bus, or nothing at all.
  options.resettable = pci.reset != config::PciReset::kBus && pci.reset != config::PciReset::kNone;
  if (!named) return options;
  options.config = {pci.hide, pci.show, pci.patch};
  options.rom_file = pci.rom;
  options.vga = pci.vga;
  return options;
}

std::vector<passthrough::Device*> devices_of(
    const std::vector<PassedDevices::Function>& functions) {
  std::vector<passthrough::Device*> devices;
  devices.reserve(functions.size());
  for (const PassedDevices::Function& function : functions) devices.push_back(function.device);
  return devices;
}

// What is to be opened for the [[pci]] of a configuration.
struct PassedDevices::Plan {
  std::vector<passthrough::host::BindRequest> requests;
  std::vector<passthrough::SessionDevice> devices;
  struct Place {
    size_t pci = 0;
    Function function;
  };
  std::vector<Place> places;  // of the devices, in their order; without the device
};

std::unique_ptr<PassedDevices> PassedDevices::take(const config::Config& config) {
  if (config.pcis.empty() && config.pci_bus.hotplug_ports == 0) return nullptr;
  return std::unique_ptr<PassedDevices>(new PassedDevices(config));
}

PassedDevices::Plan PassedDevices::plan(const config::Config& config) {
  Plan plan;
  std::vector<bool> named(config.pcis.size(), true);  // the first of each is
  const auto add = [&](size_t index, passthrough::SessionDevice device, Function function) {
    const config::PciConfig& pci = config.pcis[index];
    function.named = named[index];
    named[index] = false;
    device.reset = reset_of(pci.reset, function.named);
    device.reset_at_start = resets_at(pci, "start");
    device.reset_at_reboot = resets_at(pci, "reboot");
    device.reset_at_end = resets_at(pci, "end");
    plan.devices.push_back(std::move(device));
    plan.places.push_back({.pci = index, .function = function});
  };
  const auto inventory =
      passthrough::host::with_old_resets(passthrough::host::take_inventory(tree_), journals_);
  for (const PlannedFunction& planned : plan_pci(config, inventory)) {
    plan.requests.push_back(planned.request);
    const passthrough::host::PciAddress address = planned.request.address;
    add(planned.pci, {.name = to_string(address), .socket = {}},
        {.number = address.bdf.devfn.function(), .address = address});
  }
  for (size_t i = 0; i < config.pcis.size(); ++i) {
    const std::string& socket = config.pcis[i].socket;
    if (!socket.empty()) add(i, {.name = {}, .socket = socket}, {});
  }
  return plan;
}

PassedDevices::PassedDevices(const config::Config& config) : config_(config) {
  for (const config::PciConfig& pci : config.pcis) {
    slots_.push_back({.pci = pci, .guest_address = pci.guest_address, .functions = {}});
  }
  const Plan plan = this->plan(config);
  bind(plan.requests);
  session_ = std::make_unique<passthrough::Session>(
      plan.devices,
      passthrough::Session::Options{.backend = host_devices::backend_of(config.passthrough.backend),
                                    .allow_unsafe_noiommu = config.passthrough.unsafe_noiommu});
  for (size_t i = 0; i < plan.places.size(); ++i) {
    const Plan::Place& place = plan.places[i];
    slots_[place.pci].functions.push_back(place.function);
    slots_[place.pci].functions.back().device = &session_->device(i);
  }
  for (Slot& slot : slots_) number_functions(slot.functions);
  for (uint32_t i = 0; i < config.pci_bus.hotplug_ports; ++i) {
    slots_.push_back({.pci = {}, .guest_address = {}, .reserved = true, .functions = {}});
  }
}

void PassedDevices::bind(const std::vector<passthrough::host::BindRequest>& requests) {
  if (requests.empty()) return;
  // While the machine runs it is there before its first device, and knows what that may leave.
  const bool runs = session_ != nullptr;
  if (!bound_) {
    bound_.emplace(passthrough::host::HostAccess{tree_, writer_, journals_}, config_.vm.name,
                   runs ? std::vector<passthrough::host::BindRequest>() : requests);
  }
  if (runs) bound_->add(requests);
}

std::vector<PassedDevices::Function> PassedDevices::open(const config::PciConfig& pci,
                                                         std::span<const GuestRange> ram) {
  if (!pci.socket.empty() && !config_.memory.backing.shared) {
    throw Error("The server of a device must be able to map the guest's memory")
        .with_help("memory.shared = true puts it into a file, at the machine's next start");
  }
  config::Config alone = config_;
  alone.pcis = {pci};
  // Who may not bind devices can have one that is bound (`lintel bind`).
  if (!tree_.is_writable("/sys/bus/pci/drivers_probe")) {
    alone.pcis.front().bind = config::PciBind::kManual;
  }
  const auto where_it_is = [ram](std::span<const GuestRange>) {
    return std::vector<GuestRange>(ram.begin(), ram.end());
  };
  host_devices::check_attach({tree_, journals_, where_it_is, board_pci_memory32()}, config_,
                             alone.pcis.front());
  const Plan plan = this->plan(alone);
  bind(plan.requests);
  std::vector<Function> functions;
  functions.reserve(plan.places.size());
  for (const Plan::Place& place : plan.places) functions.push_back(place.function);
  try {
    const std::vector<passthrough::Device*> devices = session_->open_devices(plan.devices);
    for (size_t i = 0; i < devices.size(); ++i) functions[i].device = devices[i];
  } catch (const Error&) {
    give_back(functions);
    throw;
  }
  number_functions(functions);
  try {
    for (Function& function : functions) {
      function.snapshot = std::make_shared<passthrough::pci::FunctionSnapshot>(
          passthrough::pci::take_snapshot(*function.device, options_of(pci, function.named)));
    }
  } catch (const Error&) {
    close(functions);
    throw;
  }
  return functions;
}

ReleaseReport PassedDevices::close(const std::vector<Function>& functions) {
  session_->close_devices(devices_of(functions));
  return give_back(functions);
}

ReleaseReport PassedDevices::give_back(const std::vector<Function>& functions) {
  ReleaseReport report;
  if (bound_) report = bound_->release(addresses_of(functions));
  for (const std::string& failure : report.failures) log::error("Cannot restore {}", failure);
  for (const std::string& waiting : report.waiting) log::info("{}", waiting);
  return report;
}

std::vector<std::string> PassedDevices::waiting() const {
  std::vector<std::string> addresses;
  if (!bound_) return addresses;
  for (const passthrough::host::BoundFunction& function : bound_->waiting()) {
    addresses.push_back(to_string(function.address));
  }
  return addresses;
}

}  // namespace lintel
