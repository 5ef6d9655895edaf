// SPDX-License-Identifier: Apache-2.0
// The plain MSI capability with 64-bit address and per-vector masks (PCI Local Bus 3.0, 6.8.1).
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "vmm/base/sync.h"
#include "vmm/irq/irq.h"

namespace lintel::pci {

class Function;

// Threads: any. `reset` is the function's to call.
class Msi {
 public:
  // `vectors` is a power of two up to 32. The function must outlive this object.
  Msi(Function& function, unsigned vectors);

  bool enabled() const;
  // As Msix::trigger.
  void trigger(unsigned vector);
  void reset();

 private:
  void refresh();

  Function& function_;
  const unsigned vectors_;
  uint8_t capability_;
  mutable Mutex mutex_;
  std::array<std::unique_ptr<MsiVector>, 32> msi_ GUARDED_BY(mutex_);
};

}  // namespace lintel::pci
