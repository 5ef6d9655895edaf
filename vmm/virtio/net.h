// SPDX-License-Identifier: Apache-2.0
// virtio-net, the network device (VIRTIO 1.2, 5.1): one pair of queues. The device itself says who
// it is; an engine moves the packets.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "vmm/virtio/device.h"
#include "vmm/virtio/net_engine.h"

namespace lintel::virtio {

struct NetOptions {
  std::array<uint8_t, 6> mac{};
  std::optional<uint32_t> mtu;  // announced where it is set
};

class Net final : public Device {
 public:
  // Without an engine the link is down.
  Net(const NetOptions& options, std::unique_ptr<NetEngine> engine);
  ~Net() override { reset(); }

  std::string_view name() const override { return "virtio-net"; }
  DeviceType type() const override { return DeviceType::kNet; }
  uint64_t features() const override;
  uint64_t ring_features() const override;
  std::vector<uint16_t> queue_sizes() const override { return {kQueueSize, kQueueSize}; }
  uint32_t config_size() const override { return kConfigBytes; }
  void read_config(uint64_t offset, std::span<std::byte> to) override;
  void write_config(uint64_t, std::span<const std::byte>) override {}
  void activate(const Activation& activation) override;
  void reset() override;

 private:
  static constexpr uint16_t kQueueSize = 256;
  static constexpr uint32_t kConfigBytes = 12;

  const NetOptions options_;
  const std::unique_ptr<NetEngine> engine_;
  std::atomic<bool> link_up_;
};

}  // namespace lintel::virtio
