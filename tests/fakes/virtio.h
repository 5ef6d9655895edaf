// SPDX-License-Identifier: Apache-2.0
// A transport's place, for tests of virtio devices: guest memory, interrupts that are counted, and
// a running event loop.
#pragma once

#include <exception>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fakes/driver_queue.h"
#include "vmm/base/event_loop.h"
#include "vmm/base/sync.h"
#include "vmm/virtio/device.h"
#include "vmm/virtio/ids.h"
#include "vmm/virtio/queue.h"

namespace lintel::fakes {

class FakeInterrupts final : public virtio::Interrupts {
 public:
  void queue_interrupt(uint16_t queue) override {
    MutexLock lock(mutex_);
    ++queues_[queue];
    changed_.notify_all();
  }
  void config_interrupt() override {
    MutexLock lock(mutex_);
    ++configs_;
    changed_.notify_all();
  }
  void needs_reset() override {
    if (on_needs_reset) on_needs_reset();
    MutexLock lock(mutex_);
    ++resets_;
    changed_.notify_all();
  }
  int queue_event_fd(uint16_t) override { return -1; }

  std::function<void()> on_needs_reset;  // in place of what a transport does then

  int queue_count(uint16_t queue) {
    MutexLock lock(mutex_);
    return queues_[queue];
  }
  int config_count() {
    MutexLock lock(mutex_);
    return configs_;
  }
  int reset_count() {
    MutexLock lock(mutex_);
    return resets_;
  }
  // Waits until the queue had at least `count` interrupts.
  void await_queue(uint16_t queue, int count) {
    MutexLock lock(mutex_);
    while (queues_[queue] < count) changed_.wait(mutex_);
  }

 private:
  Mutex mutex_;
  Condition changed_;
  std::map<uint16_t, int> queues_ GUARDED_BY(mutex_);
  int configs_ GUARDED_BY(mutex_) = 0;
  int resets_ GUARDED_BY(mutex_) = 0;
};

// Stands where PciTransport stands: owns the device-side queues and activates the device. Declare
// it before the device, which uses it until its own end.
class DeviceHarness {
 public:
  explicit DeviceHarness(uint64_t memory_size = 4 * kMiB, bool shared = false)
      : memory(std::vector<GuestRange>{{GuestAddress(0), memory_size}},
               {.huge_pages = HugePages::kOff, .shared = shared, .prefault = false}) {}

  EventLoop& loop() { return thread_.loop(); }

  // Gives the device a queue of each kind, every one `kQueueRoom` bytes of guest memory.
  void activate(virtio::Device& device, uint64_t features) {
    device_ = &device;
    const auto sizes = device.queue_sizes();
    virtio::Activation activation{.memory = &memory,
                                  .features = features | virtio::kFeatureVersion1,
                                  .queues = {},
                                  .interrupts = &interrupts};
    const uint64_t room = memory.total_bytes() / (sizes.size() + 1) & ~uint64_t{0xfff};
    for (size_t i = 0; i < sizes.size(); ++i) {
      drivers.push_back(
          std::make_unique<DriverQueue>(memory, GuestAddress(0x1000 + i * room), sizes[i]));
      queues.push_back(std::make_unique<virtio::Queue>(memory, static_cast<uint16_t>(i), sizes[i],
                                                       [this] { interrupts.needs_reset(); }));
      EXPECT_TRUE(queues.back()->configure(drivers.back()->layout(), activation.features));
      activation.queues.push_back(queues.back().get());
    }
    device.activate(activation);
  }

  void reset() {
    if (device_ != nullptr) device_->reset();
    device_ = nullptr;
    queues.clear();
    drivers.clear();
  }

  void kick(size_t queue) {
    queues[queue]->kick().signal();
    settle();
  }
  // Waits until the loop has dispatched what is ready now: timers come after descriptors.
  void settle() {
    std::promise<void> dispatched;
    loop().run_sync([&] { loop().add_timer({}, [&] { dispatched.set_value(); }); });
    dispatched.get_future().wait();
  }

  DriverQueue& driver(size_t queue) { return *drivers[queue]; }

  GuestMemory memory;
  FakeInterrupts interrupts;
  std::vector<std::unique_ptr<DriverQueue>> drivers;
  std::vector<std::unique_ptr<virtio::Queue>> queues;

 private:
  virtio::Device* device_ = nullptr;
  EventLoopThread thread_{"test", [](const std::exception_ptr&) { ADD_FAILURE() << "threw"; }};
};

}  // namespace lintel::fakes
