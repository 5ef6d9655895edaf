// SPDX-License-Identifier: Apache-2.0
// What plugging needs of a machine: its ports, by the index of their slot in PassedDevices, and its
// memory for devices that come and go.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "passthrough/device.h"
#include "vmm/base/types.h"

namespace lintel {

// Threads: the control thread, but for the methods that say otherwise.
class HotplugPorts {
 public:
  virtual ~HotplugPorts() = default;

  // Whether devices can come to the slot and leave it: not those on the root bus.
  virtual bool is_port(size_t slot) = 0;
  virtual bool powered(size_t slot) = 0;
  virtual void press_attention(size_t slot) = 0;

  // What is open of the slot is behind its port now, and the guest is told. Throws Error, and then
  // it is not. `unplug` takes it out, whatever the guest does with it. Both pause a guest that
  // runs, and let it run again.
  virtual void plug(size_t slot) = 0;
  virtual void unplug(size_t slot) = 0;

  // Where the guest has RAM. Threads: any.
  virtual std::vector<GuestRange> ram() = 0;
  // Lets every open device reach the guest's memory: after devices were opened, before they are
  // plugged. It takes long if much memory is to be pinned. Throws Error. Threads: any, but one at a
  // time with `withdraw_memory`.
  virtual void share_memory() = 0;
  // Undoes what only these devices need, before they are closed and after they were unplugged.
  virtual void withdraw_memory(std::span<passthrough::Device* const> devices) = 0;
};

}  // namespace lintel
