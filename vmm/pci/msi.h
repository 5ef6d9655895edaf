// SPDX-License-Identifier: Apache-2.0
// The plain MSI capability (PCI Local Bus 3.0, 6.8.1), in each of its four sizes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "vmm/base/log.h"
#include "vmm/base/sync.h"
#include "vmm/irq/irq.h"

namespace lintel::pci {

class Function;

struct MsiLayout {
  unsigned vectors = 1;  // a power of two, at most 32
  bool address64 = true;
  bool per_vector_masks = true;
  uint8_t offset = 0;  // of the capability; 0: the next free place

  uint8_t size() const;
};

// For a function that forwards vectors to hardware. Called under Msi's lock: must not call back.
class MsiObserver {
 public:
  virtual ~MsiObserver() = default;
  // These vectors are in use from now on, masked or not; again when their number changes. Told
  // before they are routed, so that this happens at once: a signal until then stays in its eventfd.
  virtual void msi_enabled(std::span<MsiVector* const> vectors) = 0;
  virtual void msi_disabled() = 0;
};

// Threads: any. `reset` is the function's to call.
class Msi {
 public:
  static constexpr unsigned kMaxVectors = 32;

  // The function must outlive this object, or at least its own last configuration write.
  Msi(Function& function, const MsiLayout& layout, MsiObserver* observer = nullptr);

  bool enabled() const;
  // Sends the vector's message, or sets its pending bit while it is masked. Does nothing while MSI
  // is off.
  void trigger(unsigned vector);
  // Brings the pending bits up to date with signals that wait in eventfds, before they are read.
  void update_pending();
  void reset();

 private:
  // Where a register of the full capability (config_regs.h) is in this one.
  uint16_t at(uint16_t offset) const;
  uint32_t masks() const;
  unsigned allocated() const;
  void refresh();
  void tell_observer(unsigned count) REQUIRES(mutex_);
  void route(std::span<const std::optional<MsiMessage>> messages) REQUIRES(mutex_);
  bool make_vector(unsigned vector) REQUIRES(mutex_);
  void set_pending(unsigned vector, bool pending) REQUIRES(mutex_);
  void send_or_pend(unsigned vector) REQUIRES(mutex_);
  void forget_pending() REQUIRES(mutex_);

  Function& function_;
  const MsiLayout layout_;
  MsiObserver* const observer_;
  uint8_t capability_ = 0;
  log::RateLimited no_vector_;
  mutable Mutex mutex_;
  unsigned told_ GUARDED_BY(mutex_) = 0;     // how many vectors the observer knows to be in use
  uint32_t pending_ GUARDED_BY(mutex_) = 0;  // also where no register shows it
  std::array<std::unique_ptr<MsiVector>, kMaxVectors> msi_ GUARDED_BY(mutex_);
  std::array<std::optional<MsiMessage>, kMaxVectors> routed_ GUARDED_BY(mutex_);
};

}  // namespace lintel::pci
