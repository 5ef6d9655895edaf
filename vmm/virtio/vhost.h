// SPDX-License-Identifier: Apache-2.0
// Virtqueues that the host's kernel serves: /dev/vhost-net and /dev/vhost-vsock (linux/vhost.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "vmm/base/event_loop.h"
#include "vmm/base/log.h"
#include "vmm/base/unique_fd.h"
#include "vmm/virtio/device.h"
#include "vmm/virtio/queue.h"

namespace lintel::virtio {

// One open vhost device. Threads: one at a time.
class Vhost {
 public:
  // Throws Error that says which module or right is missing. `device` is "/dev/vhost-net".
  explicit Vhost(const std::string& device);

  // What the kernel implements of the queues' features and the device's.
  uint64_t features() const { return features_; }

  // Before the back end runs: what was negotiated, where guest memory is, and each queue.
  void set_features(uint64_t negotiated) const;
  void set_memory(const GuestMemory& memory) const;
  struct Signals {
    int call = -1;
    int error = -1;
  };
  void set_queue(unsigned index, const GuestMemory& memory, const Queue& queue,
                 const Signals& signals) const;
  // After the back end was stopped: the kernel lets go of the descriptors.
  void release_queue(unsigned index) const;

  // vhost-net: what a queue's packets go to or come from; -1 stops it, and the kernel is done with
  // guest memory when the call returns.
  void set_net_backend(unsigned index, int tap) const;

  // vhost-vsock.
  void set_guest_cid(uint64_t cid) const;
  // When false returns, the kernel is done with guest memory.
  void set_vsock_running(bool running) const;

 private:
  UniqueFd fd_;
  uint64_t features_;
};

// The queues of one activation: gives each its descriptors, raises its interrupts where the
// transport has no eventfd for that (INTx), and reports what the driver did wrong.
class VhostQueues {
 public:
  // The device's queues from the first on, as many as vhost serves.
  VhostQueues(EventLoop& loop, const Vhost& vhost, unsigned count)
      : loop_(loop), vhost_(vhost), count_(count) {}

  // Throws Error; then nothing is set up.
  void start(const Activation& activation);
  // After the back end was stopped.
  void stop();

 private:
  struct Served {
    unsigned index;
    EventFd call;  // used only without an eventfd of the transport
    EventFd error;
  };

  void start_queue(const Activation& activation, unsigned index, const Queue& queue);

  EventLoop& loop_;
  const Vhost& vhost_;
  const unsigned count_;
  std::vector<std::unique_ptr<Served>> served_;
};

}  // namespace lintel::virtio
