// SPDX-License-Identifier: Apache-2.0
// Joins a function's interrupts at the host with the guest's: whichever kind the guest enables, the
// host's kernel signals an eventfd that KVM turns into the guest's interrupt.
//
// A device has one kind at a time: MSI-X, MSI, or INTx while neither is on.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "passthrough/device.h"
#include "passthrough/pci/intx.h"
#include "passthrough/pci/report.h"
#include "vmm/base/log.h"
#include "vmm/base/sync.h"
#include "vmm/irq/irq.h"
#include "vmm/pci/msi.h"
#include "vmm/pci/msix.h"

namespace lintel {
class Error;
}

namespace lintel::passthrough::pci {

// Threads: any. What the host refuses is logged, with a limit: the guest chose it.
class Interrupts final : public lintel::pci::MsixObserver, public lintel::pci::MsiObserver {
 public:
  // `line`: the input behind the function's pin, or null. `layout`: the device's own. All outlive
  // this object.
  Interrupts(Device& device, const std::optional<lintel::pci::MsixLayout>& layout, IrqLine* line,
             IntxSide& side, const IntxServices& services);
  ~Interrupts() override;

  // From the start, until the guest enables something better. Throws Error.
  void start();
  // Everything off at the host; for good.
  void stop();
  // As after `start`: when the guest switched off what it had, or the function was reset.
  void restart();

  void msix_enabled() override;
  void msix_disabled() override;
  void vector_routed(uint16_t vector, MsiVector& msi) override;
  void vector_unrouted(uint16_t /*vector*/) override {}
  uint32_t pending_at_device(uint16_t first) override;

  void msi_enabled(std::span<MsiVector* const> vectors) override;
  void msi_disabled() override;

  // The guest read or wrote a register of the device.
  void accessed() {
    if (intx_) intx_->accessed();
  }

  // Does not wait for the device, as the lock may.
  InterruptReport report();

 private:
  enum class Active : uint8_t { kNone, kMsi, kMsix };

  void stop_active() REQUIRES(mutex_);
  bool is_joined(size_t vector) const REQUIRES(mutex_) {
    return vector < vectors_.size() && vectors_[vector] >= 0;
  }
  uint32_t read_pending(uint16_t first) REQUIRES(mutex_);
  void set_vectors(std::vector<int> vectors) REQUIRES(mutex_);
  void note() REQUIRES(mutex_);
  void enable_vector(uint16_t vector, int event_fd) REQUIRES(mutex_);
  void grow(uint16_t vector, int event_fd) REQUIRES(mutex_);
  void refuse(const Error& error);

  Device& device_;
  const std::optional<lintel::pci::MsixLayout>& layout_;
  const IrqInfo msix_;
  log::RateLimited refused_;
  Mutex mutex_;
  Active active_ GUARDED_BY(mutex_) = Active::kNone;
  std::optional<Intx> intx_;  // started and stopped under the lock; without a value there is none
  // Of the MSI-X vectors that the host has: their eventfds, -1 for one that the guest has not used.
  std::vector<int> vectors_ GUARDED_BY(mutex_);
  unsigned messages_ GUARDED_BY(mutex_) = 0;  // vectors of MSI
  // For reports: what is active, how many of its vectors the host has armed, and how many it had at
  // most since the guest's start.
  struct alignas(8) Armed {  // atomic without a lock
    Active kind;
    uint16_t vectors;
    uint16_t most;
  };
  std::atomic<Armed> armed_{Armed{Active::kNone, 0, 0}};
};

}  // namespace lintel::passthrough::pci
