// SPDX-License-Identifier: Apache-2.0
// What a virtio device is, apart from how the guest reaches it: PCI, interrupts and ioeventfds are
// the transport's business (VIRTIO 1.2, chapter 2 against chapter 4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "vmm/memory/guest_memory.h"
#include "vmm/virtio/ids.h"

namespace lintel::virtio {

class Queue;

// How a device tells its driver. Threads: any.
class Interrupts {
 public:
  virtual ~Interrupts() = default;
  // "Used buffer notification" for a queue (VIRTIO 1.2, 2.3). The caller has decided that the
  // driver wants one (Queue::should_interrupt).
  virtual void queue_interrupt(uint16_t queue) = 0;
  // "Configuration change notification" (2.4). The device changed what `read_config` returns, and
  // the transport calls that from here: the caller holds no lock that `read_config` takes.
  virtual void config_interrupt() = 0;
  // DEVICE_NEEDS_RESET (2.1.2): the device cannot go on. A queue that its driver broke says so by
  // itself, from Queue::pop. The transport waits here for whoever is in `read_config`, so this and
  // `pop` are called without the locks that it takes.
  virtual void needs_reset() = 0;
  // An eventfd that is a queue's interrupt, for a vhost back end in the kernel; -1 where the
  // transport has none to give (the driver uses INTx). Owned by the transport, valid until reset.
  virtual int queue_event_fd(uint16_t queue) = 0;
};

// What a device gets when its driver is ready (DRIVER_OK). Everything referred to stays valid until
// `Device::reset` returned.
struct Activation {
  const GuestMemory* memory = nullptr;
  uint64_t features = 0;       // negotiated
  std::vector<Queue*> queues;  // by index; null where the driver did not enable the queue
  Interrupts* interrupts = nullptr;
};

// Threads: the transport calls all methods, one at a time, from vCPU threads (and `reset` also from
// the thread that resets the machine); only `read_config` comes from any thread. A device does its
// work on an event loop's thread: `activate` adds the queues' kick descriptors there, `reset`
// removes them with EventLoop::run_sync, so that afterwards nothing of the device touches a queue
// or guest memory.
class Device {
 public:
  virtual ~Device() = default;

  virtual std::string_view name() const = 0;
  virtual DeviceType type() const = 0;
  // The device's own feature bits; VERSION_1 is the transport's.
  virtual uint64_t features() const = 0;
  // What the queues can do: less where something else than Queue serves them (vhost).
  virtual uint64_t ring_features() const { return kFeatureEventIdx | kFeatureIndirectDesc; }
  // The largest size of each queue, a power of two up to 32768.
  virtual std::vector<uint16_t> queue_sizes() const = 0;

  // Device-specific configuration (VIRTIO 1.2, 2.5), at most kMaxConfigSize bytes. Bytes beyond its
  // end read as zero; writes to read-only fields are dropped. A read has no effect: the transport
  // reads all of it after a reset, a write and a `config_interrupt`, and the guest sees that copy.
  static constexpr uint32_t kMaxConfigSize = 256;
  virtual uint32_t config_size() const = 0;
  virtual void read_config(uint64_t offset, std::span<std::byte> to) = 0;
  virtual void write_config(uint64_t offset, std::span<const std::byte> from) = 0;

  // Throws Error only for failures of the host; the transport then sets DEVICE_NEEDS_RESET.
  virtual void activate(const Activation& activation) = 0;
  // Also called when the device was not active.
  virtual void reset() = 0;
};

}  // namespace lintel::virtio
