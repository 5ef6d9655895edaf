// SPDX-License-Identifier: Apache-2.0
// What of a configuration this host cannot do, for `lintel validate --host` and `lintel run`, and
// what `run` then takes from the host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "passthrough/host/bound_devices.h"
#include "passthrough/host/inventory.h"
#include "passthrough/host/tree.h"
#include "vmm/base/types.h"
#include "vmm/config/config.h"
#include "vmm/config/places.h"
#include "vmm/config/problem.h"

namespace lintel::commands {

// The host, and where the board has what matters to devices.
struct HostView {
  const passthrough::host::Tree& tree;
  const passthrough::host::JournalFolder& journals;
  // Where the guest's RAM is, laid out on addresses that are usable. Throws Error if it does not
  // fit.
  std::function<std::vector<GuestRange>(std::span<const GuestRange> usable)> place_ram;
  GuestRange pci_memory32;
};

// Reports every problem at the key that causes it. Reads the host and changes nothing.
void check_host(const HostView& host, const config::Config& config, const config::Places& places,
                config::Diagnostics& diagnostics);

// The same for one device that is to come to a machine that runs, whose RAM is where `host` says.
// Throws Error that has all problems; warnings are logged.
void check_attach(const HostView& host, const config::Config& config, const config::PciConfig& pci);

struct PlannedFunction {
  size_t pci = 0;  // which [[pci]]
  passthrough::host::BindRequest request;
};

// All functions that the configuration takes, those of one [[pci]] together and the named one
// first. Throws Error for what `check_host` reports as an error about the choice. `inventory`: with
// the reset methods that devices had before they were ours.
std::vector<PlannedFunction> plan_pci(const config::Config& config,
                                      const passthrough::host::Inventory& inventory);

}  // namespace lintel::commands
