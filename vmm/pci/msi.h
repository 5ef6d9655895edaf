// SPDX-License-Identifier: Apache-2.0
// The plain MSI capability with 64-bit address and per-vector masks (PCI Local Bus 3.0, 6.8.1).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "vmm/base/log.h"
#include "vmm/base/sync.h"
#include "vmm/irq/irq.h"

namespace lintel::pci {

class Function;

// Threads: any. `reset` is the function's to call.
class Msi {
 public:
  static constexpr unsigned kMaxVectors = 32;

  // `vectors` is a power of two. The function must outlive this object, or at least its own last
  // configuration write.
  Msi(Function& function, unsigned vectors);

  bool enabled() const;
  // Sends the vector's message, or sets its pending bit while it is masked. Does nothing while MSI
  // is off.
  void trigger(unsigned vector);
  void reset();

 private:
  uint16_t at(uint16_t offset) const { return static_cast<uint16_t>(capability_ + offset); }
  unsigned allocated() const;
  void refresh();
  void route(unsigned vector, const std::optional<MsiMessage>& message) REQUIRES(mutex_);
  void send_or_pend(unsigned vector) REQUIRES(mutex_);

  Function& function_;
  const unsigned vectors_;
  uint8_t capability_ = 0;
  log::RateLimited no_vector_;
  mutable Mutex mutex_;
  std::array<std::unique_ptr<MsiVector>, kMaxVectors> msi_ GUARDED_BY(mutex_);
  std::array<std::optional<MsiMessage>, kMaxVectors> routed_ GUARDED_BY(mutex_);
};

}  // namespace lintel::pci
