// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/driver_queue.h"

#include <array>
#include <atomic>
#include <stdexcept>

#include "vmm/base/endian.h"

namespace lintel::fakes {

DriverQueue::DriverQueue(const GuestMemory& memory, GuestAddress base, uint16_t size)
    : memory_(memory) {
  layout_.size = size;
  layout_.descriptors = base;
  layout_.available = base + 16u * size;
  layout_.used = GuestAddress(align_up(layout_.available.value + 6 + 2u * size, 4));
  next_buffer_ = align_up(layout_.used.value + 6 + 8u * size, 16);
  // A driver hands empty rings over, whatever its predecessor left there.
  constexpr std::array<std::byte, 4> kFlagsAndIndex{};
  memory_.write(layout_.available, kFlagsAndIndex);
  memory_.write(layout_.used, kFlagsAndIndex);
}

// The device may look at the same time: rings are shared memory.
template <typename T>
T DriverQueue::load(GuestAddress address) const {
  auto* at = memory_.slice(address, sizeof(T)).data();
  return std::atomic_ref<T>(*reinterpret_cast<T*>(at)).load(std::memory_order_acquire);
}

template <typename T>
void DriverQueue::store(GuestAddress address, T value) {
  auto* at = memory_.slice(address, sizeof(T)).data();
  std::atomic_ref<T>(*reinterpret_cast<T*>(at)).store(value, std::memory_order_release);
}

GuestAddress DriverQueue::allocate(uint64_t size, uint64_t alignment) {
  const GuestAddress address(align_up(next_buffer_, alignment));
  next_buffer_ = address.value + size;
  if (memory_.slice(address, size).empty()) throw std::length_error("test memory is too small");
  return address;
}

Buffer DriverQueue::readable(std::string_view content) {
  const GuestAddress address = allocate(content.size());
  memory_.write(address, std::as_bytes(std::span(content)));
  return {address, static_cast<uint32_t>(content.size()), false};
}

Buffer DriverQueue::writable(uint32_t size) {
  return {allocate(size), size, true};
}

std::string DriverQueue::content(GuestAddress address, uint64_t size) const {
  std::string text(size, '\0');
  memory_.read(address, std::as_writable_bytes(std::span(text)));
  return text;
}

void DriverQueue::set_descriptor_at(GuestAddress at, const Buffer& buffer, uint16_t flags,
                                    uint16_t next) {
  std::array<std::byte, 16> descriptor;
  store_le<uint64_t>(&descriptor[0], buffer.address.value);
  store_le<uint32_t>(&descriptor[8], buffer.length);
  store_le<uint16_t>(&descriptor[12], flags);
  store_le<uint16_t>(&descriptor[14], next);
  memory_.write(at, descriptor);
}

void DriverQueue::set_descriptor(uint16_t index, const Buffer& buffer, uint16_t flags,
                                 uint16_t next) {
  set_descriptor_at(layout_.descriptors + 16u * index, buffer, flags, next);
}

uint16_t DriverQueue::add(const std::vector<Buffer>& buffers) {
  const uint16_t head = next_descriptor_;
  for (size_t i = 0; i < buffers.size(); ++i) {
    const uint16_t index = next_descriptor_;
    next_descriptor_ = static_cast<uint16_t>((next_descriptor_ + 1) % layout_.size);
    const bool last = i + 1 == buffers.size();
    set_descriptor(index, buffers[i],
                   static_cast<uint16_t>((buffers[i].writable ? kWrite : 0) | (last ? 0 : kNext)),
                   next_descriptor_);
  }
  publish(head);
  return head;
}

uint16_t DriverQueue::add_indirect(const std::vector<Buffer>& buffers) {
  const auto bytes = static_cast<uint32_t>(16 * buffers.size());
  const GuestAddress table = allocate(bytes, 16);
  for (size_t i = 0; i < buffers.size(); ++i) {
    const bool last = i + 1 == buffers.size();
    set_descriptor_at(
        table + 16 * i, buffers[i],
        static_cast<uint16_t>((buffers[i].writable ? kWrite : 0) | (last ? 0 : kNext)),
        static_cast<uint16_t>(i + 1));
  }
  const uint16_t head = next_descriptor_;
  next_descriptor_ = static_cast<uint16_t>((next_descriptor_ + 1) % layout_.size);
  set_descriptor(head, {table, bytes}, kIndirect, 0);
  publish(head);
  return head;
}

void DriverQueue::publish(uint16_t head) {
  store<uint16_t>(layout_.available + 4 + 2u * (available_ % layout_.size), head);
  set_available_index(static_cast<uint16_t>(available_ + 1));
}

void DriverQueue::set_available_index(uint16_t index) {
  available_ = index;
  store<uint16_t>(layout_.available + 2, index);
}

void DriverQueue::set_no_interrupt(bool on) {
  store<uint16_t>(layout_.available, on ? 1 : 0);
}

void DriverQueue::set_used_event(uint16_t index) {
  store<uint16_t>(layout_.available + 4 + 2u * layout_.size, index);
}

bool DriverQueue::no_notify() const {
  return (load<uint16_t>(layout_.used) & 1) != 0;
}

uint16_t DriverQueue::available_event() const {
  return load<uint16_t>(layout_.used + 4 + 8u * layout_.size);
}

uint16_t DriverQueue::used_index() const {
  return load<uint16_t>(layout_.used + 2);
}

std::optional<Used> DriverQueue::take_used() {
  if (used_ == used_index()) return std::nullopt;
  const GuestAddress entry = layout_.used + 4 + 8u * (used_ % layout_.size);
  ++used_;
  Used used;
  memory_.read_object(entry, used.id);
  memory_.read_object(entry + 4, used.length);
  return used;
}

}  // namespace lintel::fakes
