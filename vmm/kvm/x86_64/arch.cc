// SPDX-License-Identifier: Apache-2.0
#include "vmm/kvm/arch.h"

namespace lintel::kvm {

unsigned long machine_type(const System&) {
  return 0;
}

void set_up(const Vm&) {}

std::optional<Exit> handle_exit(const Vcpu&, const kvm_run&) {
  return std::nullopt;
}

uint32_t irq_line_number(Gsi gsi) {
  return gsi.value;
}

}  // namespace lintel::kvm
