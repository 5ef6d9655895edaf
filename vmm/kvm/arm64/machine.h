// SPDX-License-Identifier: Apache-2.0
// What is arm64 about a virtual machine's CPUs: features, registers, the state in which they start
// (Linux Documentation/virt/kvm/api.rst, KVM_ARM_VCPU_INIT and KVM_SET_ONE_REG).
#pragma once

#include <cstdint>
#include <string>

#include "vmm/base/types.h"
#include "vmm/kvm/vcpu.h"
#include "vmm/kvm/vm.h"

namespace lintel::kvm {

// The bits of a guest physical address: what KVM offers, but no more than four levels of 4 KiB
// tables translate.
unsigned guest_address_bits(const System& system);

// Whether a vCPU can have a performance monitor (PMUv3).
bool has_pmu(const Vm& vm);

// Gives the vCPU what this host's CPUs have: SVE, pointer authentication, a performance monitor.
// All but the first start switched off and wait for PSCI's CPU_ON. Before any other use. Throws
// Error.
void initialise(const Vm& vm, const Vcpu& vcpu, bool powered_off);

// The same without a performance monitor, which wants a GIC: for a guest that has none.
void initialise_bare(const Vm& vm, const Vcpu& vcpu);

// Wires and starts the performance monitor; after the GIC was started.
void start_pmu(const Vcpu& vcpu, Ppi interrupt);

// The affinity fields of MPIDR_EL1, by which the guest's firmware tables name the CPU.
uint64_t affinity(const Vcpu& vcpu);

// Where the first CPU starts: at EL1 with interrupts masked.
void set_entry(const Vcpu& vcpu, uint64_t pc, uint64_t x0);

// For reports: "pc 0x... sp 0x... ..." or why it cannot be read.
std::string describe_registers(const Vcpu& vcpu);

}  // namespace lintel::kvm
