// SPDX-License-Identifier: Apache-2.0
// Does firmware's work before a guest that is booted without firmware: bus numbers, BAR addresses,
// bridge windows. An operating system that finds them consistent keeps them and has less to write.
//
// Memory decode stays off: Linux writes the command register twice for each BAR that it sizes if it
// finds decode on, and once for the function otherwise.
#pragma once

#include <string_view>
#include <vector>

#include "vmm/base/types.h"
#include "vmm/pci/root_complex.h"

namespace lintel::pci {

struct AddressWindows {
  GuestRange memory32;  // below 4 GiB
  GuestRange memory64;  // for 64-bit prefetchable BARs; size 0: none
  GuestRange ports;     // size 0: none
  // Why there is no 64-bit window, for errors; empty: there is one, or nobody needs it.
  std::string_view no_memory64 = {};
};

// From then on BARs are decoded inside these windows and nowhere else. Throws Error that names the
// function whose BAR does not fit. Call again after each machine reset (it starts from cleared
// registers); while no vCPU runs.
void assign_resources(RootComplex& root_complex, const AddressWindows& windows);

// The bytes of 64-bit window that `assign_resources` needs, with alignment, to size the window from
// the BARs that are there.
uint64_t memory64_demand(RootComplex& root_complex);

}  // namespace lintel::pci
