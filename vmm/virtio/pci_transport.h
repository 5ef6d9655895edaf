// SPDX-License-Identifier: Apache-2.0
// virtio over PCI (VIRTIO 1.2, 4.1), modern only.
//
// One BAR, in pages of the host:
//   page 0  the common configuration and the device's: reads have no effect here, so the page is
//           given to the guest as read-only memory, and only its writes exit
//   page 1  ISR status, and a doorbell for each queue
//   page 2  the MSI-X table, on pages of its own, and the pending bits
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "vmm/base/log.h"
#include "vmm/base/mmap_region.h"
#include "vmm/base/sync.h"
#include "vmm/bus/device.h"
#include "vmm/bus/doorbell.h"
#include "vmm/memory/guest_memory.h"
#include "vmm/memory/memory_map.h"
#include "vmm/pci/function.h"
#include "vmm/pci/msix.h"
#include "vmm/virtio/device.h"
#include "vmm/virtio/queue.h"

namespace lintel::virtio {

// What a transport uses of the machine; all of it outlives the transport.
struct PciAttachment {
  pci::PciBus& bus;
  pci::Devfn devfn;
  const GuestMemory& memory;
  DoorbellSink& doorbells;
  MemoryMap* map = nullptr;  // null: reads of page 0 exit too
};

// Locks: `mutex_` serialises the driver's accesses and is held while the device is activated or
// reset, so no device thread may wait for it: what device threads call (Interrupts) takes
// `page_mutex_` and `isr_mutex_` only. Order: the root complex's lock, `mutex_`, `page_mutex_`.
class PciTransport final : public pci::Function, private lintel::Device, private Interrupts {
 public:
  PciTransport(const PciAttachment& attachment, std::unique_ptr<virtio::Device> device);
  ~PciTransport() override;

  virtio::Device& device() { return *device_; }

  std::string_view name() const override { return device_->name(); }
  // Resets the device, too; afterwards nothing touches guest memory.
  void reset() override;

 protected:
  void config_written(uint16_t offset, unsigned size) override;
  void bar_mapped(unsigned index, GuestAddress address) override;
  void bar_unmapped(unsigned index, GuestAddress address) override;

 private:
  // Offsets in the BAR.
  struct BarLayout {
    explicit BarLayout(size_t page_size);
    uint64_t page;  // the size of page 0
    uint32_t isr;
    uint32_t notify;
    uint32_t msix;
  };

  struct QueueState {  // what the driver wrote (4.1.4.3)
    uint16_t size = 0;
    bool enabled = false;
    uint64_t descriptors = 0;
    uint64_t driver = 0;
    uint64_t device = 0;
  };

  // lintel::Device: the BAR.
  uint64_t read(uint64_t offset, AccessSize size) override;
  void write(uint64_t offset, AccessSize size, uint64_t value) override;

  // Interrupts.
  void queue_interrupt(uint16_t queue) override;
  void config_interrupt() override;
  void needs_reset() override;
  int queue_event_fd(uint16_t queue) override;

  void add_capabilities();
  void add_capability(uint8_t type, uint32_t offset, uint32_t length);
  void add_config_window();
  void window_moved();
  void window_written();
  void refresh_window();
  uint64_t peek(uint64_t offset, AccessSize size);

  void write_common(uint64_t offset, AccessSize size, uint64_t value) REQUIRES(mutex_);
  void write_queue(uint64_t offset, AccessSize size, uint64_t value) REQUIRES(mutex_);
  void write_driver_features(uint32_t value) REQUIRES(mutex_);
  void write_status(uint8_t value) REQUIRES(mutex_);
  bool features_acceptable() const REQUIRES(mutex_);
  bool activate() REQUIRES(mutex_);
  void reset_device() REQUIRES(mutex_);
  void ring(uint16_t queue);
  void update_doorbells() REQUIRES(mutex_);

  void publish_common() REQUIRES(mutex_) EXCLUDES(page_mutex_);
  void publish_device_config() REQUIRES(page_mutex_);
  void raise(uint16_t vector, uint8_t isr_bit);
  uint8_t take_isr();
  uint16_t checked_vector(uint64_t value) const;

  const std::unique_ptr<virtio::Device> device_;
  const GuestMemory& memory_;
  DoorbellSink& doorbells_;
  MemoryMap* const map_;
  const BarLayout layout_;
  const uint64_t offered_features_;
  const uint32_t config_size_;
  std::vector<std::unique_ptr<Queue>> queues_;
  std::optional<pci::Msix> msix_;
  uint8_t window_capability_ = 0;
  std::atomic<bool> window_used_{false};
  log::RateLimited failures_;

  Mutex mutex_ ACQUIRED_BEFORE(page_mutex_);
  uint32_t device_feature_select_ GUARDED_BY(mutex_) = 0;
  uint32_t driver_feature_select_ GUARDED_BY(mutex_) = 0;
  uint64_t driver_features_ GUARDED_BY(mutex_) = 0;
  bool unknown_feature_ GUARDED_BY(mutex_) = false;  // the driver set a bit beyond 63
  uint16_t queue_select_ GUARDED_BY(mutex_) = 0;
  std::vector<QueueState> states_ GUARDED_BY(mutex_);
  bool active_ GUARDED_BY(mutex_) = false;
  std::optional<GuestAddress> bar_ GUARDED_BY(mutex_);
  std::vector<std::optional<Doorbell>> doorbells_set_ GUARDED_BY(mutex_);  // by queue
  bool page_mapped_ GUARDED_BY(mutex_) = false;

  Mutex page_mutex_;
  MmapRegion page_;  // what the guest reads
  uint8_t status_ GUARDED_BY(page_mutex_) = 0;
  uint8_t generation_ GUARDED_BY(page_mutex_) = 0;

  // Written under mutex_; read by device threads.
  std::atomic<uint16_t> config_vector_;
  std::vector<std::atomic<uint16_t>> queue_vectors_;

  Mutex isr_mutex_;
  uint8_t isr_ GUARDED_BY(isr_mutex_) = 0;
};

}  // namespace lintel::virtio
