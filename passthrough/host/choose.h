// SPDX-License-Identifier: Apache-2.0
// From what the user wrote to the host's functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "passthrough/host/complaint.h"
#include "passthrough/host/inventory.h"

namespace lintel::passthrough::host {

struct Wish {
  DeviceName device;
  std::optional<PciIds> expect = {};  // that must be at the address
  bool all_functions = false;
};

struct Choice {
  std::vector<PciAddress> functions;  // the named one first; empty if there is a fatal complaint
  std::vector<Complaint> complaints;
};

Choice choose(const Inventory& inventory, const Wish& wish);

// Whether they are functions of one device. Virtual functions are devices of their own, and their
// slots run into the physical one's.
bool is_sibling(const HostFunction& one, const HostFunction& other);

// A name from the command line or the like. Throws Error if it is none.
DeviceName device_named(const std::string& text);

// "0000:01:00.0  10de:2684  VGA controller  nvidia": for lists in messages.
std::string describe(const HostFunction& function);

}  // namespace lintel::passthrough::host
