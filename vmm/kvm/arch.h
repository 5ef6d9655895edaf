// SPDX-License-Identifier: Apache-2.0
// What the shared part of this folder asks of the architecture's part.
#pragma once

#include <cstdint>
#include <optional>

#include "vmm/base/types.h"
#include "vmm/kvm/exit.h"

struct kvm_run;

namespace lintel::kvm {

class System;
class Vcpu;
class Vm;

// KVM_CREATE_VM's argument.
unsigned long machine_type(const System& system);

// Switches on what every machine of this architecture has. Throws Error.
void set_up(const Vm& vm);

// What becomes of an exit that only this architecture has. Nothing: it does not know the exit
// either.
std::optional<Exit> handle_exit(const Vcpu& vcpu, const kvm_run& run);

// How KVM_IRQ_LINE names an input.
uint32_t irq_line_number(Gsi gsi);

}  // namespace lintel::kvm
