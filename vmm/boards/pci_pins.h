// SPDX-License-Identifier: Apache-2.0
// The level inputs of the interrupt controller that PCI pins share, one line object for each.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "vmm/base/types.h"
#include "vmm/irq/irq.h"
#include "vmm/pci/intx.h"

namespace lintel {

class PciPins {
 public:
  PciPins(Gsi first, uint32_t count, const std::function<std::unique_ptr<IrqLine>(Gsi)>& make)
      : first_(first) {
    for (uint32_t i = 0; i < count; ++i) lines_.push_back(make(Gsi(first.value + i)));
  }

  // `gsi` is one of them: where the board's layout leads a pin to.
  pci::PinTarget target(Gsi gsi) const { return {lines_[gsi.value - first_.value].get(), gsi}; }

 private:
  const Gsi first_;
  std::vector<std::unique_ptr<IrqLine>> lines_;
};

}  // namespace lintel
