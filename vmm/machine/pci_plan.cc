// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/pci_plan.h"

#include <string>
#include <utility>

#include "passthrough/host/checks.h"
#include "passthrough/host/choose.h"
#include "vmm/base/error.h"
#include "vmm/config/units.h"
#include "vmm/host_devices/pci_wish.h"

namespace lintel {
namespace {

using namespace passthrough::host;
using config::PciBind;

BindMode mode_of(PciBind bind) {
  switch (bind) {
    case PciBind::kAuto: return BindMode::kAuto;
    case PciBind::kManual: return BindMode::kManual;
    case PciBind::kKeep: return BindMode::kKeep;
  }
  return BindMode::kManual;
}

BarResize resize_of(const std::string& rebar) {
  if (rebar == "keep") return {};
  if (rebar == "max") return {BarResize::Kind::kMax, 0};
  return {BarResize::Kind::kSize, config::parse_size(rebar).value_or(0)};
}

std::string reset_method_of(config::PciReset reset, const Inventory& inventory,
                            const HostFunction& function) {
  // Found before the others of its bus, it still lists "bus", which the kernel then refuses. VFIO
  // resets such a bus by itself.
  if (reset == config::PciReset::kBus && shares_bus(inventory, function)) return {};
  return host_devices::reset_method_of(reset, function);
}

}  // namespace

std::vector<PlannedFunction> plan_pci(const config::Config& config, const Inventory& inventory) {
  std::vector<PlannedFunction> plan;
  for (size_t i = 0; i < config.pcis.size(); ++i) {
    const config::PciConfig& pci = config.pcis[i];
    if (!pci.device) continue;
    const Choice choice = choose(inventory, host_devices::wish_of(pci));
    for (const Complaint& complaint : choice.complaints) {
      if (complaint.fatal) throw to_error(complaint);
    }
    for (const PciAddress address : choice.functions) {
      // Only the named function's BARs are meant.
      const bool named = address == choice.functions.front();
      const HostFunction* function = inventory.find(address);
      std::string method =
          function == nullptr ? "" : reset_method_of(pci.reset, inventory, *function);
      plan.push_back({i,
                      {address, mode_of(pci.bind), named ? resize_of(pci.rebar) : BarResize{},
                       std::move(method)}});
    }
  }
  return plan;
}

}  // namespace lintel
