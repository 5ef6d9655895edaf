// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/queue.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "vmm/base/endian.h"
#include "vmm/base/log.h"
#include "vmm/virtio/ids.h"

namespace lintel::virtio {
namespace {

constexpr uint16_t kDescNext = 1;  // 2.7.5
constexpr uint16_t kDescWrite = 2;
constexpr uint16_t kDescIndirect = 4;
constexpr uint64_t kDescBytes = 16;

constexpr uint16_t kAvailNoInterrupt = 1;  // 2.7.6
constexpr uint16_t kUsedNoNotify = 1;      // 2.7.8

// Both rings start with le16 flags, le16 idx (2.7.6, 2.7.8).
constexpr uint64_t kRingFlags = 0;
constexpr uint64_t kRingIndex = 2;
constexpr uint64_t kRingEntries = 4;
constexpr uint64_t kAvailEntryBytes = 2;
constexpr uint64_t kUsedEntryBytes = 8;
constexpr uint64_t kEventBytes = 2;  // used_event and avail_event close the rings

// 2.7.5: a chain must not describe more than 2^32 bytes.
constexpr uint64_t kMaxChainBytes = 1ull << 32;

std::atomic_ref<uint16_t> field(std::byte* ring, uint64_t offset) {
  return std::atomic_ref<uint16_t>(*reinterpret_cast<uint16_t*>(ring + offset));
}

// A copy that the compiler may not replace by later reads of the source, which the guest changes.
void copy_once(void* to, const std::byte* from, size_t size) {
  std::memcpy(to, from, size);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

// 2.7.10.1, the formula vring_need_event.
bool crossed(uint16_t event, uint16_t now, uint16_t before) {
  return static_cast<uint16_t>(now - event - 1) < static_cast<uint16_t>(now - before);
}

uint64_t sum_of_sizes(const std::vector<std::span<std::byte>>& spans) {
  uint64_t total = 0;
  for (const auto& span : spans) total += span.size();
  return total;
}

// Calls copy(piece, position) for the pieces of `spans` that [offset, offset + size) covers;
// returns how many bytes they have.
template <typename Copy>
size_t for_pieces(const std::vector<std::span<std::byte>>& spans, uint64_t offset, size_t size,
                  Copy&& copy) {
  size_t done = 0;
  for (const auto& span : spans) {
    if (done == size) break;
    if (offset >= span.size()) {
      offset -= span.size();
      continue;
    }
    const size_t count = std::min<uint64_t>(size - done, span.size() - offset);
    copy(span.subspan(offset, count), done);
    done += count;
    offset = 0;
  }
  return done;
}

}  // namespace

uint64_t Chain::readable_bytes() const {
  return sum_of_sizes(readable);
}
uint64_t Chain::writable_bytes() const {
  return sum_of_sizes(writable);
}

size_t Chain::read(uint64_t offset, std::span<std::byte> to) const {
  return for_pieces(readable, offset, to.size(), [&](std::span<std::byte> piece, size_t position) {
    copy_once(to.data() + position, piece.data(), piece.size());
  });
}

size_t Chain::write(uint64_t offset, std::span<const std::byte> from) const {
  return for_pieces(writable, offset, from.size(),
                    [&](std::span<std::byte> piece, size_t position) {
                      std::memcpy(piece.data(), from.data() + position, piece.size());
                    });
}

Queue::Queue(const GuestMemory& memory, uint16_t index, uint16_t max_size,
             std::function<void()> on_broken)
    : memory_(memory), index_(index), max_size_(max_size), on_broken_(std::move(on_broken)) {}

bool Queue::configure(const QueueLayout& layout, uint64_t features) {
  forget();
  const uint64_t size = layout.size;
  if (!is_power_of_two(size) || size > max_size_) return false;
  // 2.7: alignment of the three parts.
  if (layout.descriptors.value % 16 != 0 || layout.available.value % 2 != 0 ||
      layout.used.value % 4 != 0) {
    return false;
  }
  const auto descriptors = memory_.slice(layout.descriptors, kDescBytes * size);
  const auto available =
      memory_.slice(layout.available, kRingEntries + kAvailEntryBytes * size + kEventBytes);
  const auto used = memory_.slice(layout.used, kRingEntries + kUsedEntryBytes * size + kEventBytes);
  if (descriptors.empty() || available.empty() || used.empty()) return false;

  descriptors_ = descriptors.data();
  available_ = available.data();
  used_ = used.data();
  layout_ = layout;
  event_idx_ = (features & kFeatureEventIdx) != 0;
  indirect_ = (features & kFeatureIndirectDesc) != 0;
  configured_ = true;
  return true;
}

void Queue::stop() {
  forget();
  kick_.consume();
}

void Queue::forget() {
  configured_ = false;
  broken_ = false;
  layout_ = {};
  next_available_ = next_used_ = signalled_used_ = 0;
  descriptors_ = available_ = used_ = nullptr;
}

const Chain* Queue::fail(const char* why) {
  broken_ = true;
  log::debug("virtio queue {}: {}", index_, why);
  if (on_broken_) on_broken_();
  return nullptr;
}

const Chain* Queue::pop() {
  if (!configured_ || broken_) return nullptr;
  // Acquire: the ring's entry and the descriptors were written before the index (2.7.13.3).
  const uint16_t available = field(available_, kRingIndex).load(std::memory_order_acquire);
  const auto waiting = static_cast<uint16_t>(available - next_available_);
  if (waiting == 0) return nullptr;
  if (waiting > layout_.size) return fail("the available index is ahead by more than the queue");

  const uint64_t slot = next_available_ % layout_.size;
  const uint16_t head =
      field(available_, kRingEntries + kAvailEntryBytes * slot).load(std::memory_order_relaxed);
  if (!walk(head)) return fail("malformed descriptor chain");
  ++next_available_;
  return &chain_;
}

bool Queue::append(const Descriptor& descriptor) {
  const bool writable = (descriptor.flags & kDescWrite) != 0;
  // 2.7.4.2: what the device may write comes after all that it may read.
  if (!writable && !chain_.writable.empty()) return false;
  if (descriptor.length == 0) return true;
  chain_bytes_ += descriptor.length;
  if (chain_bytes_ > kMaxChainBytes) return false;
  const auto span = memory_.slice(GuestAddress(descriptor.address), descriptor.length);
  if (span.empty()) return false;
  (writable ? chain_.writable : chain_.readable).push_back(span);
  return true;
}

bool Queue::walk(uint16_t head) {
  chain_.head = head;
  chain_.readable.clear();
  chain_.writable.clear();
  chain_bytes_ = 0;

  Table table{descriptors_, layout_.size};
  bool in_indirect = false;
  uint16_t index = head;
  // 2.7.5.3.1: no chain is longer than the queue; so a loop ends here as well.
  for (uint32_t count = 0; count < layout_.size; ++count) {
    if (index >= table.entries) return false;
    Descriptor descriptor;
    static_assert(sizeof descriptor == kDescBytes);
    copy_once(&descriptor, table.base + kDescBytes * index, sizeof descriptor);

    if ((descriptor.flags & kDescIndirect) != 0) {
      // 2.7.5.3.1: only where negotiated, not nested, and last in its chain. 2.7.5.3.2: the write
      // flag beside it means nothing.
      if (!indirect_ || in_indirect || (descriptor.flags & kDescNext) != 0) return false;
      if (descriptor.length == 0 || descriptor.length % kDescBytes != 0) return false;
      const auto entries = memory_.slice(GuestAddress(descriptor.address), descriptor.length);
      if (entries.empty()) return false;
      table = {entries.data(), static_cast<uint32_t>(entries.size() / kDescBytes)};
      in_indirect = true;
      index = 0;
      --count;  // the table's descriptor is not a buffer; it can come only once
      continue;
    }
    if (!append(descriptor)) return false;
    if ((descriptor.flags & kDescNext) == 0) return true;
    index = descriptor.next;
  }
  return false;
}

void Queue::push(std::span<const Completion> completions) {
  if (!configured_) return;
  for (const Completion& completion : completions) {
    std::byte* entry = used_ + kRingEntries + kUsedEntryBytes * (next_used_ % layout_.size);
    store_le<uint32_t>(entry, completion.head);
    store_le<uint32_t>(entry + 4, completion.written);
    ++next_used_;
  }
  // Release: the data and the entries come before the index (2.7.8.2).
  field(used_, kRingIndex).store(next_used_, std::memory_order_release);
}

bool Queue::should_interrupt() {
  if (!configured_ || next_used_ == signalled_used_) return false;
  const uint16_t before = std::exchange(signalled_used_, next_used_);
  // The index must be visible before we look whether the driver waits for it; the driver does the
  // two in the opposite order (2.7.10.1). Release and acquire alone let the load go first, so the
  // index is stored again, sequentially consistent as the load is.
  field(used_, kRingIndex).exchange(next_used_, std::memory_order_seq_cst);
  if (!event_idx_) {
    const uint16_t flags = field(available_, kRingFlags).load(std::memory_order_seq_cst);
    return (flags & kAvailNoInterrupt) == 0;
  }
  const uint16_t used_event = field(available_, kRingEntries + kAvailEntryBytes * layout_.size)
                                  .load(std::memory_order_seq_cst);
  return crossed(used_event, next_used_, before);
}

void Queue::disable_notifications() {
  if (!configured_ || event_idx_) return;  // a stale avail_event asks for none
  field(used_, kRingFlags).store(kUsedNoNotify, std::memory_order_relaxed);
}

bool Queue::enable_notifications() {
  if (!configured_ || broken_) return false;
  // Asked first, looked then, in this order for all (2.7.10.2).
  if (event_idx_) {
    field(used_, kRingEntries + kUsedEntryBytes * layout_.size)
        .exchange(next_available_, std::memory_order_seq_cst);
  } else {
    field(used_, kRingFlags).exchange(0, std::memory_order_seq_cst);
  }
  return field(available_, kRingIndex).load(std::memory_order_seq_cst) != next_available_;
}

}  // namespace lintel::virtio
