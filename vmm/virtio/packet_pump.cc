// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/packet_pump.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "vmm/base/endian.h"
#include "vmm/virtio/ids.h"
#include "vmm/virtio/net_features.h"
#include "vmm/virtio/serve.h"

namespace lintel::virtio {

PacketPump::PacketPump(EventLoop& loop, std::unique_ptr<PacketPort> port)
    : loop_(loop), port_(std::move(port)) {}

void PacketPump::start(const Activation& activation, std::function<void()> link_down) {
  port_->negotiated(activation.features);
  loop_.run_sync([&] {
    interrupts_ = activation.interrupts;
    rx_ = activation.queues.at(net::kReceiveQueue);
    tx_ = activation.queues.at(net::kTransmitQueue);
    link_down_ = std::move(link_down);
    mergeable_ = (activation.features & net::kFeatureMergeableBuffers) != 0;
    want_packets_ = rx_ != nullptr;
    want_room_ = false;
    watch(rx_, &PacketPump::receive);
    watch(tx_, &PacketPump::transmit);
    update_interest();
  });
}

void PacketPump::stop() {
  loop_.run_sync([this] {
    if (interest_ != 0) loop_.remove(port_->fd());
    interest_ = 0;
    for (Queue* queue : {rx_, tx_}) {
      if (queue != nullptr) loop_.remove(queue->kick().get());
    }
    rx_ = tx_ = nullptr;
    interrupts_ = nullptr;
    link_down_ = nullptr;
    slots_.clear();
    room_.clear();
    room_bytes_ = 0;
  });
}

void PacketPump::watch(Queue* queue, void (PacketPump::*serve_queue)()) {
  if (queue == nullptr) return;
  loop_.add(queue->kick().get(), EPOLLIN, [this, queue, serve_queue](uint32_t) {
    queue->kick().consume();
    (this->*serve_queue)();
  });
}

// The loop reports errors whether or not we wait for anything, so without an interest the port is
// not watched at all; unless something is awaited nobody misses the report.
void PacketPump::update_interest() {
  const uint32_t wanted =
      closed_ ? 0 : (want_packets_ ? uint32_t{EPOLLIN} : 0) | (want_room_ ? uint32_t{EPOLLOUT} : 0);
  if (wanted == interest_) return;
  if (interest_ == 0) {
    loop_.add(port_->fd(), wanted, [this](uint32_t events) { port_ready(events); });
  } else if (wanted == 0) {
    loop_.remove(port_->fd());
  } else {
    loop_.modify(port_->fd(), wanted);
  }
  interest_ = wanted;
}

void PacketPump::port_ready(uint32_t events) {
  constexpr uint32_t kTrouble = EPOLLERR | EPOLLHUP;
  if (want_room_ && (events & (EPOLLOUT | kTrouble)) != 0) transmit();
  if (want_packets_ && (events & (EPOLLIN | kTrouble)) != 0) receive();
}

void PacketPump::receive() {
  if (rx_ == nullptr || closed_) return;
  rx_->disable_notifications();
  want_packets_ = true;
  unsigned left = kServeBudget;
  for (; left != 0; --left) {
    if (!gather(left)) {
      want_packets_ = false;  // until the driver adds buffers
      break;
    }
    const PacketPort::Received received = port_->receive(room_);
    if (received.status == PacketPort::Status::kWait) break;
    if (received.status == PacketPort::Status::kClosed) {
      close();
      break;
    }
    if (received.status == PacketPort::Status::kDropped) {
      drops_.warn("{}: the guest's buffers are too small for a packet of {} bytes", port_->name(),
                  received.bytes);
    } else {
      deliver(received.bytes);
    }
  }
  // A port may hold packets that its descriptor does not show, so the queue has to remember.
  if (left == 0) rx_->kick().signal();
  if (rx_->should_interrupt()) interrupts_->queue_interrupt(rx_->index());
  update_interest();
}

// Takes requests until any packet fits; false if they do not suffice, or the turn is over. They
// stay taken, so that a packet costs only the buffers that it fills. 5.1.6.4.1: without mergeable
// buffers a packet has one request.
bool PacketPump::gather(unsigned& left) {
  const size_t needed = mergeable_ ? port_->largest() : 1;
  while (room_bytes_ < needed && room_.size() < kMaxPieces) {
    const Chain* chain = rx_->pop();
    if (chain == nullptr) {
      if (!rx_->enable_notifications()) return false;
      rx_->disable_notifications();
      continue;
    }
    size_t bytes = 0;
    for (const auto& span : chain->writable) {
      room_.push_back({span.data(), span.size()});
      bytes += span.size();
    }
    // 5.1.6.3.1: a buffer holds at least the header. One that does not returns empty.
    if (bytes < net::kHeaderBytes) {
      room_.resize(room_.size() - chain->writable.size());
      rx_->push(chain->head, 0);
      if (--left == 0) return false;
      continue;
    }
    slots_.push_back({chain->head, chain->writable.size(), bytes});
    room_bytes_ += bytes;
  }
  return true;
}

void PacketPump::deliver(size_t bytes) {
  completions_.clear();
  size_t pieces = 0;
  size_t left = bytes;
  for (const Slot& slot : slots_) {
    if (left == 0) break;
    const size_t part = std::min(left, slot.bytes);
    completions_.push_back({slot.head, static_cast<uint32_t>(part)});
    pieces += slot.pieces;
    room_bytes_ -= slot.bytes;
    left -= part;
  }
  // 5.1.6.4.1: 1 without mergeable buffers.
  std::array<std::byte, 2> count;
  store_le<uint16_t>(count.data(), static_cast<uint16_t>(completions_.size()));
  scatter(room_, net::kHeaderNumBuffers, count);
  slots_.erase(slots_.begin(), slots_.begin() + static_cast<ptrdiff_t>(completions_.size()));
  room_.erase(room_.begin(), room_.begin() + static_cast<ptrdiff_t>(pieces));
  rx_->push(completions_);
}

void PacketPump::transmit() {
  if (tx_ == nullptr) return;
  want_room_ = false;
  serve(*tx_, *interrupts_, [this](const Chain& chain) { return send(chain); });
  switch (closed_ ? PacketPort::Status::kDone : port_->flush()) {
    case PacketPort::Status::kWait: want_room_ = true; break;
    case PacketPort::Status::kClosed: close(); break;
    default: break;
  }
  update_interest();
}

std::optional<uint32_t> PacketPump::send(const Chain& chain) {
  packet_.clear();
  for (const auto& span : chain.readable) packet_.push_back({span.data(), span.size()});
  const size_t bytes = bytes_of(packet_);
  if (bytes < net::kHeaderBytes + net::kEthernetHeaderBytes ||
      bytes > net::kHeaderBytes + net::kMaxFrame) {
    drops_.warn("{}: the guest sent a packet of {} bytes", port_->name(), bytes);
    return 0;
  }
  // A link that is gone loses what is sent.
  if (closed_) return 0;
  switch (port_->send(packet_)) {
    case PacketPort::Status::kWait: want_room_ = true; return std::nullopt;
    case PacketPort::Status::kClosed: close(); break;
    default: break;
  }
  return 0;
}

void PacketPump::close() {
  if (std::exchange(closed_, true)) return;
  log::error("{}: the connection has ended; the guest's link is down", port_->name());
  update_interest();
  if (link_down_) link_down_();
}

}  // namespace lintel::virtio
