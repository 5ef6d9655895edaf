// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/msi.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "vmm/base/error.h"
#include "vmm/pci/config_regs.h"
#include "vmm/pci/function.h"

namespace lintel::pci {
namespace {

constexpr uint8_t kUpperHalf = 4;
constexpr uint8_t kMaskAndPending = 10;  // with the two reserved bytes before them

}  // namespace

uint8_t MsiLayout::size() const {
  return static_cast<uint8_t>(reg::kMsiSize - (address64 ? 0 : kUpperHalf) -
                              (per_vector_masks ? 0 : kMaskAndPending));
}

Msi::Msi(Function& function, const MsiLayout& layout, MsiObserver* observer)
    : function_(function), layout_(layout), observer_(observer) {
  if (!is_power_of_two(layout.vectors) || layout.vectors > kMaxVectors) {
    throw_error("PCI function {} cannot have {} MSI vectors", to_string(function.devfn()),
                layout.vectors);
  }
  ConfigSpace& config = function.config();
  capability_ = layout.offset;
  if (capability_ == 0) {
    capability_ = config.add_capability(reg::kCapMsi, layout.size());
  } else {
    config.add_capability_at(reg::kCapMsi, capability_, layout.size());
  }
  const auto capable = static_cast<uint32_t>(std::countr_zero(layout.vectors));
  const uint32_t flavour = (layout.address64 ? reg::kMsi64Bit : 0) |
                           (layout.per_vector_masks ? reg::kMsiPerVectorMask : 0);
  config.define16(at(reg::kMsiControl), flavour | capable << 1,
                  reg::kMsiEnable | reg::kMsiMultipleEnable);
  config.define32(at(reg::kMsiAddress), 0, ~3u);
  if (layout.address64) config.define32(at(reg::kMsiAddressUpper), 0, UINT32_MAX);
  config.define16(at(reg::kMsiData), 0, 0xffff);
  if (layout.per_vector_masks) {
    config.define32(at(reg::kMsiMask), 0, UINT32_MAX >> (32 - layout.vectors));
    config.define32(at(reg::kMsiPending), 0);
  }
  function.watch(capability_, layout.size(), [this] { refresh(); });
}

uint16_t Msi::at(uint16_t offset) const {
  const bool moved = !layout_.address64 && offset > reg::kMsiAddressUpper;
  return static_cast<uint16_t>(capability_ + offset - (moved ? kUpperHalf : 0));
}

uint32_t Msi::masks() const {
  return layout_.per_vector_masks ? function_.config().read32(at(reg::kMsiMask)) : 0;
}

bool Msi::enabled() const {
  return (function_.config().read16(at(reg::kMsiControl)) & reg::kMsiEnable) != 0;
}

unsigned Msi::allocated() const {
  // 6.8.1.3: encodings beyond what the function asked for are reserved.
  const unsigned granted = function_.config().read16(at(reg::kMsiControl)) >> 4 & 7;
  return std::min(layout_.vectors, 1u << granted);
}

void Msi::trigger(unsigned vector) {
  MutexLock lock(mutex_);
  if (!enabled()) return;
  // 6.8.3.4: with fewer vectors than it asked for, a function shares them among its events.
  vector %= allocated();
  send_or_pend(vector);
}

void Msi::set_pending(unsigned vector, bool pending) {
  const uint32_t bit = 1u << vector;
  pending_ = pending ? pending_ | bit : pending_ & ~bit;
  if (!layout_.per_vector_masks) return;
  function_.config().update(at(reg::kMsiPending), 4, bit, pending ? bit : 0);
}

void Msi::send_or_pend(unsigned vector) {
  const bool masked = (masks() >> vector & 1) != 0;
  const bool sent = !masked && msi_[vector] != nullptr && msi_[vector]->trigger();
  set_pending(vector, !sent);
}

void Msi::update_pending() {
  MutexLock lock(mutex_);
  if (!layout_.per_vector_masks) return;
  for (unsigned i = 0; i < layout_.vectors; ++i) {
    const bool waits = msi_[i] != nullptr && msi_[i]->pending();
    const bool shown = waits || (pending_ >> i & 1) != 0;
    function_.config().update(at(reg::kMsiPending), 4, 1u << i, shown ? 1u << i : 0);
  }
}

void Msi::refresh() {
  MutexLock lock(mutex_);
  const ConfigSpace& config = function_.config();
  const bool on = enabled();
  const unsigned count = on ? allocated() : 0;
  const uint64_t upper = layout_.address64 ? config.read32(at(reg::kMsiAddressUpper)) : 0;
  const uint64_t address = config.read32(at(reg::kMsiAddress)) | upper << 32;
  const uint32_t data = config.read16(at(reg::kMsiData));
  const uint32_t mask = masks();
  tell_observer(count);
  std::array<std::optional<MsiMessage>, kMaxVectors> messages;
  for (unsigned i = 0; i < count; ++i) {
    // 6.8.1.6: the function changes the low bits of the data, as many as it was granted.
    if ((mask >> i & 1) == 0) messages[i] = MsiMessage{address, (data & ~(count - 1)) | i};
  }
  route(messages);
  for (unsigned i = 0; i < count; ++i) {
    if (messages[i] && (pending_ >> i & 1) != 0) send_or_pend(i);
  }
  // What was pending when the guest switched MSI off belongs to a driver that is gone.
  if (!on) forget_pending();
}

void Msi::forget_pending() {
  for (unsigned i = 0; i < layout_.vectors; ++i) {
    if ((pending_ >> i & 1) != 0) set_pending(i, false);
    if (msi_[i] != nullptr) msi_[i]->forget_pending();
  }
}

void Msi::tell_observer(unsigned count) {
  if (observer_ == nullptr || count == told_) return;
  if (told_ != 0) observer_->msi_disabled();
  told_ = 0;
  if (count == 0) return;
  std::array<MsiVector*, kMaxVectors> vectors{};
  for (unsigned i = 0; i < count; ++i) {
    if (!make_vector(i)) return;
    vectors[i] = msi_[i].get();
  }
  told_ = count;
  observer_->msi_enabled({vectors.data(), count});
}

bool Msi::make_vector(unsigned vector) {
  if (msi_[vector] != nullptr) return true;
  try {
    msi_[vector] = function_.msi_sink().make_vector(function_.bdf().value());
  } catch (const Error& error) {
    no_vector_.warn("PCI function {}: no MSI vector: {}", to_string(function_.bdf()),
                    error.describe());
    return false;
  }
  return true;
}

void Msi::route(std::span<const std::optional<MsiMessage>> messages) {
  std::vector<MsiRoute> routes;
  for (unsigned i = 0; i < layout_.vectors; ++i) {
    if (messages[i] == routed_[i] || !make_vector(i)) continue;
    routed_[i] = messages[i];
    routes.push_back({msi_[i].get(), messages[i]});
  }
  function_.msi_sink().route(routes);
}

void Msi::reset() {
  MutexLock lock(mutex_);
  tell_observer(0);
  route(std::array<std::optional<MsiMessage>, kMaxVectors>{});
  forget_pending();
}

}  // namespace lintel::pci
