// SPDX-License-Identifier: Apache-2.0
// What the host's kernel has to say about a device while a guest has it.
#pragma once

#include <functional>
#include <optional>

#include "passthrough/device.h"
#include "vmm/base/event_loop.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough {

class DeviceWatch {
 public:
  // Called on the loop's thread.
  struct Events {
    std::function<void()> failed;       // an uncorrectable error (AER); the device may be unusable
    std::function<void()> wanted_back;  // somebody unbinds it, and waits; again and again
  };

  // A device that cannot tell one of them just does not. Both outlive this object. Throws Error.
  DeviceWatch(Device& device, EventLoop& loop, Events events);
  ~DeviceWatch();
  DeviceWatch(const DeviceWatch&) = delete;
  DeviceWatch& operator=(const DeviceWatch&) = delete;

 private:
  struct Watched {
    uint32_t index;
    EventFd event;
  };
  void watch(uint32_t index, std::optional<Watched>& watched, const std::function<void()>& call);
  void end(std::optional<Watched>& watched);

  Device& device_;
  EventLoop& loop_;
  const Events events_;
  std::optional<Watched> error_;
  std::optional<Watched> request_;
};

}  // namespace lintel::passthrough
