// SPDX-License-Identifier: Apache-2.0
// The driver's half of a split virtqueue (VIRTIO 1.2, 2.7), for tests: it can follow the rules, and
// break each of them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vmm/memory/guest_memory.h"
#include "vmm/virtio/queue.h"

namespace lintel::fakes {

struct Buffer {
  GuestAddress address;
  uint32_t length = 0;
  bool writable = false;
};

struct Used {
  uint32_t id = 0;
  uint32_t length = 0;
  bool operator==(const Used&) const = default;
};

class DriverQueue {
 public:
  static constexpr uint16_t kNext = 1;
  static constexpr uint16_t kWrite = 2;
  static constexpr uint16_t kIndirect = 4;

  // Puts the rings at `base` and its buffers behind them.
  DriverQueue(const GuestMemory& memory, GuestAddress base, uint16_t size);

  const virtio::QueueLayout& layout() const { return layout_; }

  // Fresh guest memory for a buffer, filled with `content` or zeros.
  GuestAddress allocate(uint64_t size, uint64_t alignment = 1);
  Buffer readable(std::string_view content);
  Buffer writable(uint32_t size);
  std::string content(GuestAddress address, uint64_t size) const;

  // Describes the buffers, directly or by an indirect table, and makes them available. Returns the
  // head. Descriptors are used round robin; at most `size` may be outstanding.
  uint16_t add(std::initializer_list<Buffer> buffers) { return add(std::vector(buffers)); }
  uint16_t add(const std::vector<Buffer>& buffers);
  uint16_t add_indirect(const std::vector<Buffer>& buffers);

  // The raw parts.
  void set_descriptor(uint16_t index, const Buffer& buffer, uint16_t flags, uint16_t next);
  void set_descriptor_at(GuestAddress at, const Buffer& buffer, uint16_t flags, uint16_t next);
  void publish(uint16_t head);
  void set_available_index(uint16_t index);
  uint16_t available_index() const { return available_; }
  void set_no_interrupt(bool on);
  void set_used_event(uint16_t index);
  bool no_notify() const;
  uint16_t available_event() const;

  // The next request that the device gave back.
  std::optional<Used> take_used();
  uint16_t used_index() const;

 private:
  template <typename T>
  T load(GuestAddress address) const;
  template <typename T>
  void store(GuestAddress address, T value);

  const GuestMemory& memory_;
  virtio::QueueLayout layout_;
  uint64_t next_buffer_;
  uint16_t next_descriptor_ = 0;
  uint16_t available_ = 0;
  uint16_t used_ = 0;
};

}  // namespace lintel::fakes
