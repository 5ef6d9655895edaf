// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/config_space.h"

#include <algorithm>
#include <atomic>
#include <new>

#include "vmm/base/error.h"
#include "vmm/pci/config_regs.h"

namespace lintel::pci {
namespace {

constexpr uint16_t kHeaderSize = 0x40;
constexpr size_t kWords = kConfigSize / 4;

// The bits of a dword that an access of `size` bytes at `offset` covers.
constexpr uint32_t lanes(uint16_t offset, unsigned size) {
  const uint32_t ones = size >= 4 ? UINT32_MAX : (1u << (8 * size)) - 1;
  return ones << (8 * (offset & 3));
}

constexpr unsigned shift(uint16_t offset) {
  return 8 * (offset & 3u);
}

}  // namespace

ConfigSpace::ConfigSpace(ConfigStorage storage) : words_(new(storage.data()) uint32_t[kWords]()) {}

uint32_t ConfigSpace::load(size_t dword) const {
  return std::atomic_ref(words_[dword]).load(std::memory_order_relaxed);
}

// `change` maps the old value to the new one. One compare and exchange, because a device thread may
// change a status bit while a vCPU writes the command register beside it.
template <typename Change>
void ConfigSpace::modify(size_t dword, Change change) {
  std::atomic_ref word(words_[dword]);
  uint32_t old = word.load(std::memory_order_relaxed);
  while (!word.compare_exchange_weak(old, change(old), std::memory_order_relaxed)) {
  }
}

void ConfigSpace::define(const Register& reg) {
  const size_t dword = reg.offset / 4u;
  if (dword >= masks_.size()) masks_.resize(dword + 1);
  const uint32_t covered = lanes(reg.offset, reg.size);
  const auto place = [&](uint32_t old, uint32_t value) {
    return (old & ~covered) | ((value << shift(reg.offset)) & covered);
  };
  Masks& masks = masks_[dword];
  masks.initial = place(masks.initial, reg.value);
  masks.writable = place(masks.writable, reg.writable);
  masks.clear_by_one = place(masks.clear_by_one, reg.clear_by_one);
  modify(dword, [&](uint32_t old) { return place(old, reg.value); });
}

void ConfigSpace::fix(uint16_t offset, unsigned size, uint32_t mask, uint32_t value) {
  const size_t dword = offset / 4u;
  if (dword >= masks_.size()) masks_.resize(dword + 1);
  const uint32_t fixed = mask << shift(offset) & lanes(offset, size);
  Masks& masks = masks_[dword];
  masks.initial = (masks.initial & ~fixed) | (value << shift(offset) & fixed);
  masks.writable &= ~fixed;
  masks.clear_by_one &= ~fixed;
  update(offset, size, mask, value);
}

uint8_t ConfigSpace::add_capability(uint8_t id, uint8_t size) {
  const auto offset = static_cast<uint16_t>(align_up(next_free_, 4));
  if (offset + size > kStandardConfigSize) {
    throw_error("No room for PCI capability {:#x} of {} bytes behind {:#x}", id, size, offset);
  }
  add_capability_at(id, static_cast<uint8_t>(offset), size);
  return static_cast<uint8_t>(offset);
}

void ConfigSpace::add_capability_at(uint8_t id, uint8_t offset, uint8_t size) {
  if (offset < kHeaderSize || offset % 4 != 0 || offset + size > kStandardConfigSize || size < 2) {
    throw_error("PCI capability {:#x} of {} bytes cannot be at {:#x}", id, size, offset);
  }
  define16(offset, id);
  link_capability(offset);
  next_free_ = std::max<uint16_t>(next_free_, static_cast<uint16_t>(offset + size));
}

// PCI Local Bus 3.0, 6.7: the header points at the first, each at the next, the last holds 0.
void ConfigSpace::link_capability(uint8_t offset) {
  if (last_capability_ == 0) {
    define8(reg::kCapabilityPointer, offset);
    // Only this bit: the rest of the register, defined before or not, stays as it is.
    const uint32_t bit = static_cast<uint32_t>(reg::kStatusCapabilities) << 16;
    if (masks_.size() < 2) masks_.resize(2);
    masks_[1].initial |= bit;
    update(reg::kStatus, 2, reg::kStatusCapabilities, reg::kStatusCapabilities);
  } else {
    define8(static_cast<uint16_t>(last_capability_ + 1), offset);
  }
  last_capability_ = offset;
}

uint32_t ConfigSpace::read(uint16_t offset, unsigned size) const {
  return (load(offset / 4u) & lanes(offset, size)) >> shift(offset);
}

void ConfigSpace::write(uint16_t offset, unsigned size, uint32_t value) {
  const size_t dword = offset / 4u;
  const Masks masks = masks_at(dword);
  const uint32_t covered = lanes(offset, size);
  const uint32_t written = value << shift(offset) & covered;
  const uint32_t set = masks.writable & covered;
  const uint32_t clear = masks.clear_by_one & written;
  if ((set | clear) == 0) return;
  modify(dword, [&](uint32_t old) { return ((old & ~set) | (written & set)) & ~clear; });
}

void ConfigSpace::update(uint16_t offset, unsigned size, uint32_t mask, uint32_t value) {
  const uint32_t changed = mask << shift(offset) & lanes(offset, size);
  const uint32_t bits = value << shift(offset) & changed;
  modify(offset / 4u, [&](uint32_t old) { return (old & ~changed) | bits; });
}

void ConfigSpace::reset() {
  for (size_t dword = 0; dword < kWords; ++dword) {
    const uint32_t initial = masks_at(dword).initial;
    if (load(dword) != initial) modify(dword, [&](uint32_t) { return initial; });
  }
}

}  // namespace lintel::pci
