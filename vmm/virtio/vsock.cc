// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/vsock.h"

#include <array>
#include <utility>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"

namespace lintel::virtio {
namespace {

// 5.10.3: sockets that keep message boundaries.
constexpr uint64_t kFeatureSeqpacket = 1ull << 1;

// 5.10.2: receive, transmit, events. The kernel has no events to send (5.10.6.7: only after a
// migration), so it serves the first two.
constexpr unsigned kServedQueues = 2;

}  // namespace

Vsock::Vsock(EventLoop& loop, uint32_t cid)
    : cid_(cid), vhost_("/dev/vhost-vsock"), queues_(loop, vhost_, kServedQueues) {
  vhost_.set_guest_cid(cid_);
}

uint64_t Vsock::features() const {
  return vhost_.features() & kFeatureSeqpacket;
}

uint64_t Vsock::ring_features() const {
  return vhost_.features() & (kFeatureEventIdx | kFeatureIndirectDesc);
}

void Vsock::read_config(uint64_t offset, std::span<std::byte> to) {
  std::array<std::byte, kConfigBytes> config{};  // 5.10.4: le64 guest_cid
  store_le<uint64_t>(config.data(), cid_);
  for (size_t i = 0; i < to.size(); ++i) {
    to[i] = offset + i < config.size() ? config[offset + i] : std::byte{0};
  }
}

void Vsock::activate(const Activation& activation) {
  queues_.start(activation);
  running_ = true;
  try {
    vhost_.set_vsock_running(true);
  } catch (...) {
    reset();
    throw;
  }
}

void Vsock::reset() {
  if (!std::exchange(running_, false)) return;
  try {
    vhost_.set_vsock_running(false);
  } catch (const Error& error) {
    log::error("virtio-vsock: {}", error.describe());
  }
  queues_.stop();
}

}  // namespace lintel::virtio
