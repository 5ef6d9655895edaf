// SPDX-License-Identifier: Apache-2.0
// The one path from an exit to a device.
#pragma once

#include "vmm/bus/bus.h"
#include "vmm/kvm/exit.h"

namespace lintel {

// String instructions come as several elements; each is one access.
void dispatch(Bus& ports, const kvm::PortExit& exit);
// Widths that are no power of two are done byte by byte.
void dispatch(Bus& memory, const kvm::MmioExit& exit);

}  // namespace lintel
