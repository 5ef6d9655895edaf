// SPDX-License-Identifier: Apache-2.0
// MSI-X: the capability, and the vector table and pending bits behind a BAR (PCI Local Bus 3.0,
// 6.8.2).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "vmm/base/log.h"
#include "vmm/base/sync.h"
#include "vmm/bus/device.h"
#include "vmm/irq/irq.h"

namespace lintel::pci {

class Function;

// Where the structures are: BAR numbers and 8-byte-aligned offsets inside them.
struct MsixLayout {
  uint16_t vectors = 1;  // 1 to 2048
  uint8_t table_bar = 0;
  uint32_t table_offset = 0;
  uint8_t pba_bar = 0;
  uint32_t pba_offset = 0;

  // Both in one BAR: the table on pages of its own from `offset` on, the pending bits on the next.
  static MsixLayout in_bar(uint8_t bar, uint32_t offset, uint16_t vectors);
  // Bytes from the table's start to the end of the last page of the pending bits, for `in_bar`.
  uint32_t size() const;
};

// For a function that forwards vectors to hardware. Called under Msix's lock: must not call back.
class MsixObserver {
 public:
  virtual ~MsixObserver() = default;
  // Before the first vector is routed, and after the last was unrouted.
  virtual void msix_enabled() {}
  virtual void msix_disabled() {}
  // The vector is sent from now on (a message is routed, nothing masks it), or no longer. Told
  // before the route changes, so that many change at once: a signal until then stays in its
  // eventfd.
  virtual void vector_routed(uint16_t vector, MsiVector& msi) = 0;
  virtual void vector_unrouted(uint16_t vector) = 0;
  // Which of the 32 vectors from `first` on wait in hardware that was not given their eventfds yet:
  // a bit each.
  virtual uint32_t pending_at_device(uint16_t /*first*/) { return 0; }
};

// Device offsets count from the table's start, so it can be a BAR's device as it is, or part of
// one; where table and pending bits are in different BARs, use the `*_table` and `read_pba` calls.
//
// A vector gets its MsiVector when it is first routed or its eventfd asked for.
//
// Threads: any. `reset` is the function's to call.
class Msix final : public Device {
 public:
  // Adds the capability; `capability_offset` 0 means the next free place. The function must outlive
  // this object, or at least its own last configuration write.
  Msix(Function& function, const MsixLayout& layout, MsixObserver* observer = nullptr,
       uint8_t capability_offset = 0);

  std::string_view name() const override { return "msix"; }
  uint64_t read(uint64_t offset, AccessSize size) override;
  void write(uint64_t offset, AccessSize size, uint64_t value) override;
  void reset() override;

  // Offsets inside the structure. An access beyond it reads zeros.
  uint64_t read_table(uint64_t offset, AccessSize size);
  void write_table(uint64_t offset, AccessSize size, uint64_t value);
  uint64_t read_pba(uint64_t offset, AccessSize size);

  uint16_t vectors() const { return layout_.vectors; }
  bool enabled() const;
  // Sends the vector's message, or sets its pending bit while it is masked. Does nothing while
  // MSI-X is off, and for a vector that does not exist.
  void trigger(uint16_t vector);
  // See MsiVector::event_fd; -1 for a vector that does not exist.
  int event_fd(uint16_t vector);

 private:
  struct Entry {
    MsiMessage message;
    uint32_t control = 1;  // masked, 6.8.2.9
    bool pending = false;
    std::optional<MsiMessage> routed;  // what `msi` was told last
    std::unique_ptr<MsiVector> msi;
  };
  void control_written();
  void set_control(bool enabled, bool all_masked) REQUIRES(mutex_);
  bool deliverable(const Entry& entry) const REQUIRES(mutex_) {
    return enabled_ && !all_masked_ && entry.control == 0;
  }
  // Null where the host has no vector left.
  MsiVector* vector_of(Entry& entry) REQUIRES(mutex_);
  void apply(std::span<Entry> changed) REQUIRES(mutex_);
  uint32_t table_dword(uint64_t offset) const REQUIRES(mutex_);
  void set_table_dword(uint64_t offset, uint32_t mask, uint32_t value) REQUIRES(mutex_);

  Function& function_;
  const MsixLayout layout_;
  MsixObserver* const observer_;
  uint8_t capability_ = 0;
  log::RateLimited no_vector_;
  mutable Mutex mutex_;
  bool enabled_ GUARDED_BY(mutex_) = false;
  bool all_masked_ GUARDED_BY(mutex_) = false;
  std::vector<Entry> entries_ GUARDED_BY(mutex_);
};

}  // namespace lintel::pci
