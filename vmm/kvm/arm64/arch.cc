// SPDX-License-Identifier: Apache-2.0
#include "vmm/kvm/arch.h"

#include <linux/kvm.h>

#include "vmm/kvm/arm64/machine.h"

namespace lintel::kvm {

unsigned long machine_type(const System& system) {
  return KVM_VM_TYPE_ARM_IPA_SIZE(guest_address_bits(system));
}

uint32_t irq_line_number(Gsi gsi) {
  return uint32_t{KVM_ARM_IRQ_TYPE_SPI} << KVM_ARM_IRQ_TYPE_SHIFT | Spi(gsi.value).intid();
}

}  // namespace lintel::kvm
