// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/msix.h"

#include <algorithm>

#include "vmm/base/error.h"
#include "vmm/pci/config_regs.h"
#include "vmm/pci/function.h"

namespace lintel::pci {
namespace {

constexpr uint32_t kPage = 4096;
// PCI Local Bus 3.0, 6.8.2.7 to 6.8.2.10: dwords of a table entry.
constexpr unsigned kAddressLow = 0;
constexpr unsigned kAddressHigh = 1;
constexpr unsigned kData = 2;

constexpr uint32_t table_bytes(uint16_t vectors) {
  return vectors * reg::kMsixEntrySize;
}
// One bit a vector, in whole qwords.
constexpr uint32_t pba_bytes(uint16_t vectors) {
  return (vectors + 63u) / 64 * 8;
}

}  // namespace

MsixLayout MsixLayout::in_bar(uint8_t bar, uint32_t offset, uint16_t vectors) {
  const auto pba = static_cast<uint32_t>(align_up(offset + table_bytes(vectors), kPage));
  return {.vectors = vectors,
          .table_bar = bar,
          .table_offset = offset,
          .pba_bar = bar,
          .pba_offset = pba};
}

uint32_t MsixLayout::size() const {
  return static_cast<uint32_t>(align_up(pba_offset + pba_bytes(vectors), kPage)) - table_offset;
}

Msix::Msix(Function& function, const MsixLayout& layout, MsixObserver* observer,
           uint8_t capability_offset)
    : function_(function), layout_(layout), observer_(observer), entries_(layout.vectors) {
  if (layout.vectors == 0 || layout.vectors > reg::kMsixMaxVectors || layout.table_bar >= 6 ||
      layout.pba_bar >= 6 || layout.table_offset % 8 != 0 || layout.pba_offset % 8 != 0) {
    throw_error("PCI function {} cannot have {} MSI-X vectors with a table in BAR {} at {:#x}",
                to_string(function.devfn()), layout.vectors, layout.table_bar, layout.table_offset);
  }
  ConfigSpace& config = function.config();
  capability_ = capability_offset;
  if (capability_ == 0) {
    capability_ = config.add_capability(reg::kCapMsix, reg::kMsixSize);
  } else {
    config.add_capability_at(reg::kCapMsix, capability_, reg::kMsixSize);
  }
  const auto at = [&](uint16_t offset) { return static_cast<uint16_t>(capability_ + offset); };
  config.define16(at(reg::kMsixControl), layout.vectors - 1u,
                  reg::kMsixEnable | reg::kMsixFunctionMask);
  config.define32(at(reg::kMsixTable), layout.table_offset | layout.table_bar);
  config.define32(at(reg::kMsixPba), layout.pba_offset | layout.pba_bar);
  function.watch(at(reg::kMsixControl), 2, [this] { control_written(); });
}

uint64_t Msix::read(uint64_t offset, AccessSize size) {
  if (offset < table_bytes(layout_.vectors)) return read_table(offset, size);
  const uint64_t at = layout_.table_offset + offset;
  if (layout_.pba_bar != layout_.table_bar || at < layout_.pba_offset) return 0;
  return read_pba(at - layout_.pba_offset, size);
}

void Msix::write(uint64_t offset, AccessSize size, uint64_t value) {
  write_table(offset, size, value);
}

uint64_t Msix::read_table(uint64_t offset, AccessSize size) {
  MutexLock lock(mutex_);
  uint64_t value = 0;
  for (const DwordPiece& piece : cut_at_dwords(offset, bytes(size))) {
    const uint32_t part = table_dword(piece.offset) >> (8 * (piece.offset & 3)) & piece.mask();
    value |= static_cast<uint64_t>(part) << piece.shift;
  }
  return value;
}

void Msix::write_table(uint64_t offset, AccessSize size, uint64_t value) {
  const uint64_t last = offset + bytes(size) - 1;
  MutexLock lock(mutex_);
  for (const DwordPiece& piece : cut_at_dwords(offset, bytes(size))) {
    const unsigned lane = 8 * static_cast<unsigned>(piece.offset & 3);
    set_table_dword(piece.offset, piece.mask() << lane,
                    static_cast<uint32_t>(value >> piece.shift) << lane);
  }
  // Once for the whole access, so that a 64-bit write of an address is one change.
  const size_t begin = std::min<uint64_t>(offset / reg::kMsixEntrySize, entries_.size());
  const size_t end = std::min<uint64_t>(last / reg::kMsixEntrySize + 1, entries_.size());
  apply(std::span(entries_).subspan(begin, end - begin));
}

uint64_t Msix::read_pba(uint64_t offset, AccessSize size) {
  MutexLock lock(mutex_);
  uint64_t value = 0;
  uint32_t at_device = 0;  // of the 32 vectors among which this one is
  for (unsigned bit = 0; bit < bits(size); ++bit) {
    const uint64_t vector = offset * 8 + bit;
    if (vector >= entries_.size()) break;
    const auto place = static_cast<unsigned>(vector % 32);
    if (observer_ != nullptr && enabled_ && (bit == 0 || place == 0)) {
      at_device = observer_->pending_at_device(static_cast<uint16_t>(vector - place));
    }
    Entry& entry = entries_[vector];
    const bool pending = entry.pending || (entry.msi != nullptr && entry.msi->pending()) ||
                         (at_device >> place & 1) != 0;
    if (pending) value |= 1ull << bit;
  }
  return value;
}

uint32_t Msix::table_dword(uint64_t offset) const {
  const uint64_t index = offset / reg::kMsixEntrySize;
  if (index >= entries_.size()) return 0;
  const Entry& entry = entries_[index];
  switch (offset % reg::kMsixEntrySize / 4) {
    case kAddressLow: return static_cast<uint32_t>(entry.message.address);
    case kAddressHigh: return static_cast<uint32_t>(entry.message.address >> 32);
    case kData: return entry.message.data;
    default: return entry.control;
  }
}

void Msix::set_table_dword(uint64_t offset, uint32_t mask, uint32_t value) {
  const uint64_t index = offset / reg::kMsixEntrySize;
  if (index >= entries_.size()) return;
  const uint32_t next = (table_dword(offset) & ~mask) | (value & mask);
  Entry& entry = entries_[index];
  MsiMessage& message = entry.message;
  switch (offset % reg::kMsixEntrySize / 4) {
    case kAddressLow:
      // Messages are aligned dwords: the low bits are always zero (6.8.2.7).
      message.address = (message.address & ~0xffffffffull) | (next & ~3u);
      break;
    case kAddressHigh:
      message.address = (message.address & 0xffffffffull) | static_cast<uint64_t>(next) << 32;
      break;
    case kData: message.data = next; break;
    default: entry.control = next & reg::kMsixEntryMasked; break;
  }
}

void Msix::control_written() {
  const uint16_t control =
      function_.config().read16(static_cast<uint16_t>(capability_ + reg::kMsixControl));
  MutexLock lock(mutex_);
  set_control((control & reg::kMsixEnable) != 0, (control & reg::kMsixFunctionMask) != 0);
}

void Msix::set_control(bool enabled, bool all_masked) {
  if (enabled == enabled_ && all_masked == all_masked_) return;
  const bool was_enabled = enabled_;
  enabled_ = enabled;
  all_masked_ = all_masked;
  if (observer_ != nullptr && enabled && !was_enabled) observer_->msix_enabled();
  apply(entries_);
  if (observer_ != nullptr && !enabled && was_enabled) observer_->msix_disabled();
  // What was pending when the guest switched MSI-X off belongs to a driver that is gone.
  if (!enabled) {
    for (Entry& entry : entries_) {
      entry.pending = false;
      if (entry.msi != nullptr) entry.msi->forget_pending();
    }
  }
}

MsiVector* Msix::vector_of(Entry& entry) {
  if (entry.msi == nullptr) {
    try {
      entry.msi = function_.msi_sink().make_vector(function_.bdf().value());
    } catch (const Error& error) {
      no_vector_.warn("PCI function {}: no MSI-X vector: {}", to_string(function_.bdf()),
                      error.describe());
    }
  }
  return entry.msi.get();
}

void Msix::apply(std::span<Entry> changed) {
  std::vector<MsiRoute> routes;
  for (Entry& entry : changed) {
    std::optional<MsiMessage> message;
    if (deliverable(entry)) message = entry.message;
    if (message == entry.routed) continue;
    MsiVector* const msi = vector_of(entry);
    if (msi == nullptr) continue;
    const bool was_routed = entry.routed.has_value();
    entry.routed = message;
    routes.push_back({msi, message});
    if (observer_ == nullptr || was_routed == message.has_value()) continue;
    const auto index = static_cast<uint16_t>(&entry - entries_.data());
    if (message) {
      observer_->vector_routed(index, *msi);
    } else {
      observer_->vector_unrouted(index);
    }
  }
  function_.msi_sink().route(routes);
  for (Entry& entry : changed) {
    // 6.8.2.2: a vector that became unmasked while pending is sent, and is pending no more.
    if (entry.pending && entry.routed) entry.pending = !entry.msi->trigger();
  }
}

bool Msix::enabled() const {
  MutexLock lock(mutex_);
  return enabled_;
}

void Msix::trigger(uint16_t vector) {
  MutexLock lock(mutex_);
  if (!enabled_ || vector >= entries_.size()) return;
  Entry& entry = entries_[vector];
  if (!entry.routed || !entry.msi->trigger()) entry.pending = true;
}

int Msix::event_fd(uint16_t vector) {
  MutexLock lock(mutex_);
  if (vector >= entries_.size()) return -1;
  MsiVector* const msi = vector_of(entries_[vector]);
  return msi == nullptr ? -1 : msi->event_fd();
}

void Msix::reset() {
  MutexLock lock(mutex_);
  set_control(false, false);
  for (Entry& entry : entries_) {
    entry.message = {};
    entry.control = reg::kMsixEntryMasked;
    entry.pending = false;
  }
}

}  // namespace lintel::pci
