// SPDX-License-Identifier: Apache-2.0
// A network device whose packets the host's kernel moves between the guest and a tap interface: no
// thread of ours wakes up for them.
#pragma once

#include <memory>

#include "vmm/base/event_loop.h"
#include "vmm/virtio/backend/tap.h"
#include "vmm/virtio/net_engine.h"
#include "vmm/virtio/vhost.h"

namespace lintel::virtio {

class VhostNet final : public NetEngine {
 public:
  // The loop raises interrupts where the kernel cannot.
  VhostNet(EventLoop& loop, Vhost vhost, std::unique_ptr<Tap> tap);
  ~VhostNet() override { stop(); }

  uint64_t features() const override;
  uint64_t ring_features() const override;
  void start(const Activation& activation, std::function<void()> link_down) override;
  void stop() override;

 private:
  const std::unique_ptr<Tap> tap_;
  const Vhost vhost_;
  VhostQueues queues_;
  bool running_ = false;
};

}  // namespace lintel::virtio
