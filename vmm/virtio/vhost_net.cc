// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/vhost_net.h"

#include <utility>

#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/virtio/net_features.h"

namespace lintel::virtio {
namespace {

constexpr unsigned kQueues = 2;

}  // namespace

VhostNet::VhostNet(EventLoop& loop, Vhost vhost, std::unique_ptr<Tap> tap)
    : tap_(std::move(tap)), vhost_(std::move(vhost)), queues_(loop, vhost_, kQueues) {}

uint64_t VhostNet::features() const {
  // The kernel's part is the buffers; checksums and segments are the tap's.
  const uint64_t without = ~vhost_.features() & net::kFeatureMergeableBuffers;
  return tap_->features() & ~without;
}

uint64_t VhostNet::ring_features() const {
  return vhost_.features() & (kFeatureEventIdx | kFeatureIndirectDesc);
}

void VhostNet::start(const Activation& activation, std::function<void()>) {
  tap_->negotiated(activation.features);
  queues_.start(activation);
  running_ = true;
  try {
    for (unsigned i = 0; i < kQueues; ++i) {
      if (activation.queues.at(i) != nullptr) vhost_.set_net_backend(i, tap_->fd());
    }
  } catch (...) {
    stop();
    throw;
  }
}

void VhostNet::stop() {
  if (!std::exchange(running_, false)) return;
  for (unsigned i = 0; i < kQueues; ++i) {
    try {
      vhost_.set_net_backend(i, -1);
    } catch (const Error& error) {
      // A queue that never ran has no back end to take away.
      log::debug("{}: {}", tap_->name(), error.describe());
    }
  }
  queues_.stop();
}

}  // namespace lintel::virtio
