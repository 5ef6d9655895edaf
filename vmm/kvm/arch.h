// SPDX-License-Identifier: Apache-2.0
// What the shared part of this folder asks of the architecture's part.
#pragma once

#include <cstdint>

#include "vmm/base/types.h"

namespace lintel::kvm {

class System;

// KVM_CREATE_VM's argument.
unsigned long machine_type(const System& system);

// How KVM_IRQ_LINE names an input.
uint32_t irq_line_number(Gsi gsi);

}  // namespace lintel::kvm
