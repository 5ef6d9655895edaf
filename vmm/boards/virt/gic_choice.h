// SPDX-License-Identifier: Apache-2.0
// Which interrupt controller the guest gets, of those that this host's KVM has.
#pragma once

#include <cstdint>

#include "vmm/boards/virt/tables.h"
#include "vmm/config/config.h"

namespace lintel::virt {

struct HostGics {
  bool v2 = false;
  bool v3 = false;
  bool its = false;
};

// Throws Error if the host lacks what is wished for, or if that does not serve so many CPUs.
Gic choose_gic(config::GicVersion wish, uint32_t cpus, const HostGics& host);

}  // namespace lintel::virt
