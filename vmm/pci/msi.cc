// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/msi.h"

#include <algorithm>
#include <bit>

#include "vmm/base/error.h"
#include "vmm/pci/config_regs.h"
#include "vmm/pci/function.h"

namespace lintel::pci {

Msi::Msi(Function& function, unsigned vectors) : function_(function), vectors_(vectors) {
  if (!is_power_of_two(vectors) || vectors > kMaxVectors) {
    throw_error("PCI function {} cannot have {} MSI vectors", to_string(function.devfn()), vectors);
  }
  ConfigSpace& config = function.config();
  capability_ = config.add_capability(reg::kCapMsi, reg::kMsiSize);
  const auto capable = static_cast<uint32_t>(std::countr_zero(vectors));
  config.define16(at(reg::kMsiControl), reg::kMsi64Bit | reg::kMsiPerVectorMask | capable << 1,
                  reg::kMsiEnable | reg::kMsiMultipleEnable);
  config.define32(at(reg::kMsiAddress), 0, ~3u);
  config.define32(at(reg::kMsiAddressUpper), 0, UINT32_MAX);
  config.define16(at(reg::kMsiData), 0, 0xffff);
  config.define32(at(reg::kMsiMask), 0, UINT32_MAX >> (32 - vectors));
  config.define32(at(reg::kMsiPending), 0);
  function.watch(capability_, reg::kMsiSize, [this] { refresh(); });
}

bool Msi::enabled() const {
  return (function_.config().read16(at(reg::kMsiControl)) & reg::kMsiEnable) != 0;
}

unsigned Msi::allocated() const {
  // 6.8.1.3: encodings beyond what the function asked for are reserved.
  const unsigned granted = function_.config().read16(at(reg::kMsiControl)) >> 4 & 7;
  return std::min(vectors_, 1u << granted);
}

void Msi::trigger(unsigned vector) {
  MutexLock lock(mutex_);
  if (!enabled()) return;
  // 6.8.3.4: with fewer vectors than it asked for, a function shares them among its events.
  vector %= allocated();
  send_or_pend(vector);
}

void Msi::send_or_pend(unsigned vector) {
  const bool masked = (function_.config().read32(at(reg::kMsiMask)) >> vector & 1) != 0;
  const bool sent = !masked && msi_[vector] != nullptr && msi_[vector]->trigger();
  function_.config().update(at(reg::kMsiPending), 4, 1u << vector, sent ? 0 : 1u << vector);
}

void Msi::refresh() {
  MutexLock lock(mutex_);
  const ConfigSpace& config = function_.config();
  const bool on = enabled();
  const unsigned count = on ? allocated() : 0;
  const uint64_t address = config.read32(at(reg::kMsiAddress)) |
                           static_cast<uint64_t>(config.read32(at(reg::kMsiAddressUpper))) << 32;
  const uint32_t data = config.read16(at(reg::kMsiData));
  const uint32_t mask = config.read32(at(reg::kMsiMask));
  const uint32_t pending = config.read32(at(reg::kMsiPending));
  if (!on && pending != 0) function_.config().update(at(reg::kMsiPending), 4, pending, 0);
  for (unsigned i = 0; i < vectors_; ++i) {
    std::optional<MsiMessage> message;
    // 6.8.1.6: the function changes the low bits of the data, as many as it was granted.
    if (i < count && (mask >> i & 1) == 0) message = MsiMessage{address, (data & ~(count - 1)) | i};
    route(i, message);
    if (message && (pending >> i & 1) != 0) send_or_pend(i);
  }
}

void Msi::route(unsigned vector, const std::optional<MsiMessage>& message) {
  if (message == routed_[vector]) return;
  if (msi_[vector] == nullptr) {
    try {
      msi_[vector] = function_.msi_sink().make_vector(function_.bdf().value());
    } catch (const Error& error) {
      no_vector_.warn("PCI function {}: no MSI vector: {}", to_string(function_.bdf()),
                      error.describe());
      return;
    }
  }
  msi_[vector]->route(message);
  routed_[vector] = message;
}

void Msi::reset() {
  MutexLock lock(mutex_);
  for (unsigned i = 0; i < vectors_; ++i) route(i, std::nullopt);
}

}  // namespace lintel::pci
