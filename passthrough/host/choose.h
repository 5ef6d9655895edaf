// SPDX-License-Identifier: Apache-2.0
// From what the user wrote to the host's functions.
#pragma once

#include <string>
#include <vector>

#include "passthrough/host/complaint.h"
#include "passthrough/host/inventory.h"

namespace lintel::passthrough::host {

struct Wish {
  std::string device;       // an address, or ids of which the host has exactly one
  std::string expect = {};  // ids that must be at the address; empty: any
  bool all_functions = false;
};

struct Choice {
  std::vector<PciAddress> functions;  // the named one first; empty if there is a fatal complaint
  std::vector<Complaint> complaints;
};

Choice choose(const Inventory& inventory, const Wish& wish);

// "0000:01:00.0  10de:2684  VGA controller  nvidia": for lists in messages.
std::string describe(const HostFunction& function);

}  // namespace lintel::passthrough::host
