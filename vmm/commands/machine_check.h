// SPDX-License-Identifier: Apache-2.0
// What a configuration needs of this host besides its devices, for `lintel validate --host`: KVM,
// processors, memory, and what is behind consoles, disks, network interfaces and sockets.
#pragma once

#include <functional>
#include <string>

#include "passthrough/host/tree.h"
#include "vmm/config/config.h"
#include "vmm/config/places.h"
#include "vmm/config/problem.h"

namespace lintel::commands {

struct MachineHost {
  const passthrough::host::Tree& tree;
  std::string search_path;  // of programs, with colons
  std::string run_folder;   // of control sockets; empty: there is none
  unsigned user = 0;        // who runs the machine; 0 may do everything
  // How many processors a guest may have. Throws Error unless KVM runs one.
  std::function<unsigned()> kvm_cpus;
};

// Reports every problem at the key that causes it. Opens nothing for writing, locks nothing and
// attaches to nothing, so that a machine that starts meanwhile does not notice.
void check_machine(const MachineHost& host, const config::Config& config,
                   const config::Places& places, config::Diagnostics& diagnostics);

}  // namespace lintel::commands
