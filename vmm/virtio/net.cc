// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/net.h"

#include <cstring>
#include <utility>

#include "vmm/base/endian.h"
#include "vmm/virtio/net_features.h"

namespace lintel::virtio {

Net::Net(const NetOptions& options, std::unique_ptr<NetEngine> engine)
    : options_(options), engine_(std::move(engine)), link_up_(engine_ != nullptr) {}

uint64_t Net::features() const {
  return net::kFeatureMac | net::kFeatureStatus | (options_.mtu ? net::kFeatureMtu : 0) |
         (engine_ ? engine_->features() : 0);
}

uint64_t Net::ring_features() const {
  return engine_ ? engine_->ring_features() : Device::ring_features();
}

void Net::read_config(uint64_t offset, std::span<std::byte> to) {
  // 5.1.4: u8 mac[6], le16 status, le16 max_virtqueue_pairs, le16 mtu.
  constexpr uint16_t kLinkUp = 1;
  std::array<std::byte, kConfigBytes> config{};
  std::memcpy(&config[0], options_.mac.data(), options_.mac.size());
  store_le<uint16_t>(&config[6], link_up_ ? kLinkUp : 0);
  store_le<uint16_t>(&config[8], 1);
  store_le<uint16_t>(&config[10], static_cast<uint16_t>(options_.mtu.value_or(0)));
  for (size_t i = 0; i < to.size(); ++i) {
    to[i] = offset + i < config.size() ? config[offset + i] : std::byte{0};
  }
}

void Net::activate(const Activation& activation) {
  if (!engine_) return;
  engine_->start(activation, [this, interrupts = activation.interrupts] {
    link_up_ = false;
    interrupts->config_interrupt();
  });
}

void Net::reset() {
  if (engine_) engine_->stop();
}

}  // namespace lintel::virtio
