// SPDX-License-Identifier: Apache-2.0
#include "passthrough/pci/interrupts.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <bit>

#include "vmm/base/error.h"

namespace lintel::passthrough::pci {

Interrupts::Interrupts(Device& device, IrqLine* line, IntxSide& side, const IntxServices& services)
    : device_(device), msix_(device.irq(pci_irq::kMsix)) {
  const IrqInfo intx = device.irq(pci_irq::kIntx);
  if (line != nullptr && intx.count != 0 && intx.eventfd) {
    intx_.emplace(device, *line, side, services);
  }
}

Interrupts::~Interrupts() {
  stop();
}

void Interrupts::refuse(const Error& error) {
  refused_.warn("{}: interrupts: {}", device_.name(), error.describe());
}

void Interrupts::start() {
  MutexLock lock(mutex_);
  if (intx_) intx_->start();
}

void Interrupts::stop() {
  MutexLock lock(mutex_);
  try {
    stop_active();
  } catch (const Error& error) {
    refuse(error);
  }
}

void Interrupts::restart() {
  MutexLock lock(mutex_);
  try {
    stop_active();
    if (intx_) intx_->start();
  } catch (const Error& error) {
    refuse(error);
  }
}

void Interrupts::stop_active() {
  const Active was = std::exchange(active_, Active::kNone);
  vectors_.clear();
  switch (was) {
    case Active::kNone: break;
    case Active::kMsi: device_.disable_irqs(pci_irq::kMsi); break;
    case Active::kMsix: device_.disable_irqs(pci_irq::kMsix); break;
  }
  if (intx_) intx_->stop();
}

void Interrupts::msix_enabled() {
  MutexLock lock(mutex_);
  try {
    stop_active();
  } catch (const Error& error) {
    refuse(error);
  }
}

void Interrupts::msix_disabled() {
  restart();
}

void Interrupts::vector_routed(uint16_t vector, MsiVector& msi) {
  MutexLock lock(mutex_);
  if (vector < vectors_.size() && vectors_[vector] >= 0) return;
  try {
    enable_vector(vector, msi.event_fd());
  } catch (const Error& error) {
    refuse(error);
  }
}

void Interrupts::enable_vector(uint16_t vector, int event_fd) {
  const bool beyond = vector >= vectors_.size();
  if (beyond && msix_.noresize) {
    grow(vector, event_fd);
    return;
  }
  const std::array trigger{event_fd};
  device_.set_triggers(pci_irq::kMsix, vector, trigger);
  active_ = Active::kMsix;
  if (beyond) vectors_.resize(vector + 1u, -1);
  vectors_[vector] = event_fd;
}

// The host's kernel cannot add vectors to those that it has: all are given back and more asked for,
// a power of two, so that this happens a few times only. What the device sent meanwhile is lost;
// so each vector that was on is signalled, which a driver takes for an interrupt without work.
void Interrupts::grow(uint16_t vector, int event_fd) {
  std::vector<int> more = vectors_;
  more.resize(std::min<size_t>(std::bit_ceil(vector + 1u), msix_.count), -1);
  if (vector >= more.size()) {
    throw_error("The host has {} MSI-X vectors, the guest enables number {}", more.size(), vector);
  }
  more[vector] = event_fd;
  if (active_ == Active::kMsix) device_.disable_irqs(pci_irq::kMsix);
  active_ = Active::kNone;
  const std::vector<int> before = std::exchange(vectors_, {});
  device_.set_triggers(pci_irq::kMsix, 0, more);
  active_ = Active::kMsix;
  vectors_ = std::move(more);
  for (const int fd : before) {
    // Fails only when the counter is full: then a signal waits there anyway.
    if (fd >= 0) eventfd_write(fd, 1);
  }
}

void Interrupts::msi_enabled(std::span<MsiVector* const> vectors) {
  MutexLock lock(mutex_);
  try {
    stop_active();
    std::vector<int> triggers;
    for (MsiVector* vector : vectors) triggers.push_back(vector->event_fd());
    device_.set_triggers(pci_irq::kMsi, 0, triggers);
    active_ = Active::kMsi;
    messages_ = static_cast<unsigned>(triggers.size());
  } catch (const Error& error) {
    refuse(error);
  }
}

void Interrupts::msi_disabled() {
  restart();
}

InterruptReport Interrupts::report() {
  InterruptReport report{.kind = "none"};
  if (intx_) {
    const Intx::Way way = intx_->way();
    report.intx_way = to_string(way);
    report.intx_count = intx_->count();
    if (way != Intx::Way::kOff) {
      report.kind = "INTx";
      report.vectors = 1;
    }
  }
  MutexLock lock(mutex_);
  switch (active_) {
    case Active::kNone: break;
    case Active::kMsi:
      report.kind = "MSI";
      report.vectors = messages_;
      break;
    case Active::kMsix:
      report.kind = "MSI-X";
      report.vectors = static_cast<unsigned>(
          std::count_if(vectors_.begin(), vectors_.end(), [](int fd) { return fd >= 0; }));
      break;
  }
  return report;
}

}  // namespace lintel::passthrough::pci
