// SPDX-License-Identifier: Apache-2.0
// One address space (ports, or memory that is not RAM): ranges to devices.
#pragma once

#include <cstdint>
#include <string>

#include "vmm/base/log.h"
#include "vmm/base/range_map.h"
#include "vmm/base/sync.h"
#include "vmm/bus/device.h"

namespace lintel {

// Threads: all methods from any thread. An access looks its device up under the lock, lets go of
// the lock and then calls the device; so an access that races with a move of the device may still
// reach it at its old place, which PCI allows, and a device may change the bus from inside a call.
// A device must outlive the vCPU threads, not merely its place on the bus.
class Bus {
 public:
  explicit Bus(std::string name) : name_(std::move(name)) {}

  // Throws Error if the range is invalid or overlaps another device's.
  void add(GuestRange range, Device& device);
  // As `add`, but returns false: for addresses that the guest chose.
  bool try_add(GuestRange range, Device& device);
  // The range must be one that was added.
  void remove(GuestRange range);

  // A read of nothing returns all ones, a write to nothing is dropped (PCI Express Base 5.0,
  // 2.3.2: what a root complex returns for an unsupported request). An access that reaches beyond
  // its device's end is cut: the part inside goes to the device byte by byte.
  uint64_t read(GuestAddress address, AccessSize size);
  void write(GuestAddress address, AccessSize size, uint64_t value);

 private:
  struct Target {
    Device* device = nullptr;
    uint64_t offset = 0;
    uint64_t room = 0;  // bytes from the offset to the end of the range
  };
  Target find(GuestAddress address);

  const std::string name_;
  SharedMutex mutex_;
  RangeMap<Device*> devices_ GUARDED_BY(mutex_);
  log::RateLimited unmapped_;
};

}  // namespace lintel
