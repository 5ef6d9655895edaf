// SPDX-License-Identifier: Apache-2.0
// The device's half of a split virtqueue (VIRTIO 1.2, 2.7). Every index, address and length that
// it reads was written by the guest and is checked here, so that devices see only spans of RAM.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "vmm/base/unique_fd.h"
#include "vmm/memory/guest_memory.h"

namespace lintel::virtio {

// Where the driver put a queue. Checked by Queue::configure.
struct QueueLayout {
  uint16_t size = 0;
  GuestAddress descriptors;
  GuestAddress available;
  GuestAddress used;
};

// One request: the driver's buffers in order. The spans point into guest RAM, whose content may
// change at any time: copy what is checked.
struct Chain {
  uint16_t head = 0;
  std::vector<std::span<std::byte>> readable;
  std::vector<std::span<std::byte>> writable;

  uint64_t readable_bytes() const;
  uint64_t writable_bytes() const;
  // Copies from the readable part, starting `offset` bytes in; returns how many bytes there were.
  size_t read(uint64_t offset, std::span<std::byte> to) const;
  // Copies to the writable part; returns how many bytes fitted.
  size_t write(uint64_t offset, std::span<const std::byte> from) const;
};

// A request that is given back.
struct Completion {
  uint16_t head = 0;
  uint32_t written = 0;  // bytes
};

// Threads: `configure` and `stop` by the transport while the device does not use the queue; the
// rest on the one thread that serves the queue. The kick's descriptor from any.
class Queue {
 public:
  // `on_broken` is called once, on the serving thread, when the driver broke the queue's rules.
  Queue(const GuestMemory& memory, uint16_t index, uint16_t max_size,
        std::function<void()> on_broken = {});

  uint16_t index() const { return index_; }
  uint16_t max_size() const { return max_size_; }
  // Signalled by the driver's notification, in the kernel where an ioeventfd serves.
  const EventFd& kick() const { return kick_; }

  // Starts the queue with the negotiated features; a kick that came before counts. False if the
  // driver's layout is not valid: size zero, not a power of two or above the maximum; a ring
  // misaligned or not wholly in RAM.
  bool configure(const QueueLayout& layout, uint64_t features);
  // Forgets the layout, the indices and a pending kick.
  void stop();
  bool configured() const { return configured_; }
  const QueueLayout& layout() const { return layout_; }

  // The next request, or null if there is none. A malformed chain (loop, bad index, bad address,
  // readable after writable, nested indirect) breaks the queue: `broken` is true from then on and
  // nothing is returned until a reset. What is returned is valid until the next `pop`.
  const Chain* pop();
  bool broken() const { return broken_; }
  // Puts the last `pop` back: the next one returns it again (no input for its buffer yet, say).
  void undo_pop() { --next_available_; }

  // Gives a request back with the number of bytes written to it.
  void push(uint16_t head, uint32_t written) { push(std::array{Completion{head, written}}); }
  // Several that the driver must see at once or not at all (buffers that hold one packet).
  void push(std::span<const Completion> completions);
  // After pushes: whether the driver wants an interrupt for them (2.7.7, 2.7.10).
  bool should_interrupt();

  // Asks the driver not to notify / to notify again (2.7.10). After `enable_notifications` returned
  // true there are requests already, and the caller goes on popping.
  void disable_notifications();
  bool enable_notifications();

  // For vhost back ends: the index to start from.
  uint16_t next_available() const { return next_available_; }

 private:
  struct Descriptor {  // 2.7.5
    uint64_t address;
    uint32_t length;
    uint16_t flags;
    uint16_t next;
  };
  // A descriptor table: the queue's own, or an indirect one.
  struct Table {
    const std::byte* base;
    uint32_t entries;
  };

  void forget();
  bool walk(uint16_t head);
  bool append(const Descriptor& descriptor);
  const Chain* fail(const char* why);

  const GuestMemory& memory_;
  const uint16_t index_;
  const uint16_t max_size_;
  const std::function<void()> on_broken_;
  EventFd kick_;
  QueueLayout layout_;
  bool configured_ = false;
  bool event_idx_ = false;
  bool indirect_ = false;
  bool broken_ = false;
  uint16_t next_available_ = 0;
  uint16_t next_used_ = 0;
  uint16_t signalled_used_ = 0;  // next_used_ when should_interrupt last looked
  std::byte* descriptors_ = nullptr;
  std::byte* available_ = nullptr;
  std::byte* used_ = nullptr;
  Chain chain_;               // reused, so that serving a request does not allocate
  uint64_t chain_bytes_ = 0;  // of chain_
};

}  // namespace lintel::virtio
