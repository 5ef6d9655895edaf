// SPDX-License-Identifier: Apache-2.0
// virtio-vsock, the socket device (VIRTIO 1.2, 5.10), served by the host's kernel.
#pragma once

#include <cstdint>

#include "vmm/base/event_loop.h"
#include "vmm/virtio/device.h"
#include "vmm/virtio/vhost.h"

namespace lintel::virtio {

class Vsock final : public Device {
 public:
  // The loop raises interrupts where the kernel cannot. Throws Error if the host cannot do it, or
  // the context id is taken.
  Vsock(EventLoop& loop, uint32_t cid);
  ~Vsock() override { reset(); }

  std::string_view name() const override { return "virtio-vsock"; }
  DeviceType type() const override { return DeviceType::kVsock; }
  uint64_t features() const override;
  uint64_t ring_features() const override;
  std::vector<uint16_t> queue_sizes() const override {
    return {kQueueSize, kQueueSize, kEventQueueSize};
  }
  uint32_t config_size() const override { return kConfigBytes; }
  void read_config(uint64_t offset, std::span<std::byte> to) override;
  void write_config(uint64_t, std::span<const std::byte>) override {}
  void activate(const Activation& activation) override;
  void reset() override;

 private:
  static constexpr uint16_t kQueueSize = 128;
  static constexpr uint16_t kEventQueueSize = 16;
  static constexpr uint32_t kConfigBytes = 8;

  const uint32_t cid_;
  const Vhost vhost_;
  VhostQueues queues_;
  bool running_ = false;
};

}  // namespace lintel::virtio
