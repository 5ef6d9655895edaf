// SPDX-License-Identifier: Apache-2.0
// The level inputs of the interrupt controller that PCI pins share, one line object for each.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "vmm/base/types.h"
#include "vmm/kvm/vm.h"
#include "vmm/pci/intx.h"

namespace lintel {

class PciPins {
 public:
  PciPins(kvm::Vm& vm, Gsi first, uint32_t count) : first_(first) {
    for (uint32_t i = 0; i < count; ++i) {
      lines_.push_back(std::make_unique<kvm::KernelIrqLine>(vm, Gsi(first.value + i)));
    }
  }

  // `gsi` is one of them: where the board's layout leads a pin to.
  pci::PinTarget target(Gsi gsi) const { return {lines_[gsi.value - first_.value].get(), gsi}; }

 private:
  const Gsi first_;
  std::vector<std::unique_ptr<kvm::KernelIrqLine>> lines_;
};

}  // namespace lintel
