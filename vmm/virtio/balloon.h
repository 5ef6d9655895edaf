// SPDX-License-Identifier: Apache-2.0
// virtio-balloon (VIRTIO 1.2, 5.5): takes memory back from the guest, by demand and by the guest's
// own report of pages that it does not use.
#pragma once

#include <cstddef>
#include <cstdint>

#include "vmm/base/event_loop.h"
#include "vmm/base/mmap_region.h"
#include "vmm/base/sync.h"
#include "vmm/virtio/device.h"
#include "vmm/virtio/queue.h"

namespace lintel::virtio {

struct BalloonOptions {
  bool free_page_reporting = true;
  // By which the host takes memory back: its own page size, or a larger power of two.
  size_t host_page = host_page_size();
};

// Not for a guest whose memory is pinned for a passed-through device: what is given back there
// would be lost to the device.
class Balloon final : public Device {
 public:
  Balloon(EventLoop& loop, const BalloonOptions& options);
  ~Balloon() override { reset(); }

  // How much memory the guest shall give up; it follows when it can. Threads: any.
  void set_target(uint64_t bytes);
  // How much it says that it gave up. Threads: any.
  uint64_t actual() const;

  std::string_view name() const override { return "virtio-balloon"; }
  DeviceType type() const override { return DeviceType::kBalloon; }
  uint64_t features() const override;
  std::vector<uint16_t> queue_sizes() const override;
  uint32_t config_size() const override { return kConfigBytes; }
  void read_config(uint64_t offset, std::span<std::byte> to) override;
  void write_config(uint64_t offset, std::span<const std::byte> from) override;
  void activate(const Activation& activation) override;
  void reset() override;

 private:
  static constexpr uint32_t kConfigBytes = 8;

  void inflate(const Chain& chain);
  void give_back(std::span<std::byte> memory);
  void watch(Queue* queue, void (Balloon::*handle)(const Chain&));
  void deflate(const Chain&) {}  // the next touch brings the page back
  void report(const Chain& chain);

  EventLoop& loop_;
  const bool reporting_;
  const size_t host_page_;
  // The loop's thread.
  const GuestMemory* memory_ = nullptr;
  std::vector<int> watched_;

  mutable Mutex mutex_;
  uint32_t target_pages_ GUARDED_BY(mutex_) = 0;
  uint32_t actual_pages_ GUARDED_BY(mutex_) = 0;
  Interrupts* interrupts_ GUARDED_BY(mutex_) = nullptr;
};

}  // namespace lintel::virtio
