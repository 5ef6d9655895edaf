// SPDX-License-Identifier: Apache-2.0
// What moves the packets of a network device: a thread of ours (PacketPump) or the host's kernel
// (VhostNet).
#pragma once

#include <cstdint>
#include <functional>

#include "vmm/virtio/device.h"

namespace lintel::virtio {

class NetEngine {
 public:
  virtual ~NetEngine() = default;
  // Of the network device, beyond its MAC address, MTU and status.
  virtual uint64_t features() const = 0;
  // See Device::ring_features.
  virtual uint64_t ring_features() const = 0;
  // `link_down` is called at most once, on any thread: no packet will pass any more. Throws Error.
  virtual void start(const Activation& activation, std::function<void()> link_down) = 0;
  // Afterwards nothing touches a queue or guest memory. Also called when not started.
  virtual void stop() = 0;
};

}  // namespace lintel::virtio
