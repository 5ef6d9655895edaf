// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/intx.h"

namespace lintel::pci {

void SharedLine::change(bool level) {
  MutexLock lock(mutex_);
  if (level) {
    ++asserted_;
    if (asserted_ == 1) line_.set(true);
  } else if (asserted_ != 0) {
    --asserted_;
    if (asserted_ == 0) line_.set(false);
  }
}

SharedLine* IntxLines::line(unsigned device, Pin pin) {
  if (pin == Pin::kNone || !routing_) return nullptr;
  const PinTarget target = routing_(device, pin);
  if (target.line == nullptr) return nullptr;
  for (const auto& known : lines_) {
    if (&known->line() == target.line) return known.get();
  }
  return lines_.emplace_back(std::make_unique<SharedLine>(*target.line, target.gsi)).get();
}

}  // namespace lintel::pci
