// SPDX-License-Identifier: Apache-2.0
// What of a configuration this host cannot do, for `lintel validate --host` and `lintel run`.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "passthrough/host/bound_devices.h"
#include "passthrough/host/tree.h"
#include "vmm/base/types.h"
#include "vmm/config/config.h"
#include "vmm/config/places.h"
#include "vmm/config/problem.h"

namespace lintel::host_devices {

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

}  // namespace lintel::host_devices
