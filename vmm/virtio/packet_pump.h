// SPDX-License-Identifier: Apache-2.0
// Moves packets between a network device's queues and a PacketPort, on a loop's thread.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "vmm/base/event_loop.h"
#include "vmm/base/log.h"
#include "vmm/virtio/backend/packet_port.h"
#include "vmm/virtio/net_engine.h"
#include "vmm/virtio/queue.h"

namespace lintel::virtio {

class PacketPump final : public NetEngine {
 public:
  PacketPump(EventLoop& loop, std::unique_ptr<PacketPort> port);
  ~PacketPump() override { stop(); }

  uint64_t features() const override { return port_->features(); }
  uint64_t ring_features() const override { return kFeatureEventIdx | kFeatureIndirectDesc; }
  void start(const Activation& activation, std::function<void()> link_down) override;
  void stop() override;

 private:
  // A request of the receive queue that waits for a packet.
  struct Slot {
    uint16_t head;
    size_t pieces;  // of room_
    size_t bytes;
  };

  void watch(Queue* queue, void (PacketPump::*serve)());
  void port_ready(uint32_t events);
  void receive();
  // `left`: how many requests that are of no use may still be given back.
  bool gather(unsigned& left);
  void deliver(size_t bytes);
  void transmit();
  std::optional<uint32_t> send(const Chain& chain);
  void close();
  void update_interest();

  EventLoop& loop_;
  const std::unique_ptr<PacketPort> port_;

  // The loop's thread only.
  Interrupts* interrupts_ = nullptr;
  Queue* rx_ = nullptr;
  Queue* tx_ = nullptr;
  std::function<void()> link_down_;
  bool mergeable_ = false;
  bool closed_ = false;
  bool want_packets_ = false;  // there are buffers for them
  bool want_room_ = false;     // the port was full
  uint32_t interest_ = 0;      // what the loop watches the port for; 0: not watched
  std::vector<Slot> slots_;
  std::vector<iovec> room_;  // the slots' pieces, in order
  size_t room_bytes_ = 0;
  std::vector<Completion> completions_;
  std::vector<iovec> packet_;
  log::RateLimited drops_;
};

}  // namespace lintel::virtio
