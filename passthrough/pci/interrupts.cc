// SPDX-License-Identifier: Apache-2.0
#include "passthrough/pci/interrupts.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"

namespace lintel::passthrough::pci {

namespace {

// PCI Local Bus 3.0, 6.8.2.10: a bit for each vector.
constexpr uint16_t kPendingBits = 32;

}  // namespace

Interrupts::Interrupts(Device& device, const std::optional<lintel::pci::MsixLayout>& layout,
                       IrqLine* line, IntxSide& side, const IntxServices& services)
    : device_(device), layout_(layout), msix_(device.irq(pci_irq::kMsix)) {
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
  note();
  switch (was) {
    case Active::kNone: break;
    case Active::kMsi: device_.disable_irqs(pci_irq::kMsi); break;
    case Active::kMsix: device_.disable_irqs(pci_irq::kMsix); break;
  }
  if (intx_) intx_->stop();
}

// Drivers enable MSI-X first and unmask vectors when they are used, which may be long after. The
// device is told at once, because it and what speaks for it may go by that: with one vector, which
// nobody listens to and the host's kernel keeps masked.
void Interrupts::msix_enabled() {
  MutexLock lock(mutex_);
  try {
    stop_active();
    device_.set_triggers(pci_irq::kMsix, 0, std::array{-1});
    active_ = Active::kMsix;
    vectors_ = {-1};
    note();
  } catch (const Error& error) {
    refuse(error);
  }
}

void Interrupts::msix_disabled() {
  restart();
}

void Interrupts::vector_routed(uint16_t vector, MsiVector& msi) {
  MutexLock lock(mutex_);
  if (is_joined(vector)) return;
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
  note();
}

uint32_t Interrupts::read_pending(uint16_t first) {
  if (active_ != Active::kMsix || !layout_) return 0;
  std::array<std::byte, kPendingBits / 8> bits{};
  if (!device_.read(pci_region::kBar0 + layout_->pba_bar, layout_->pba_offset + first / 8u, bits)) {
    return 0;
  }
  return load_le<uint32_t>(bits.data());
}

// The host's kernel masks at the device what the guest has not used yet.
uint32_t Interrupts::pending_at_device(uint16_t first) {
  MutexLock lock(mutex_);
  uint32_t ours = 0;
  for (unsigned i = 0; i < kPendingBits; ++i) ours |= uint32_t{is_joined(first + i)} << i;
  return ours == UINT32_MAX ? 0 : read_pending(first) & ~ours;
}

// Where no vector is on.
void Interrupts::set_vectors(std::vector<int> vectors) {
  device_.set_triggers(pci_irq::kMsix, 0, vectors);
  active_ = Active::kMsix;
  vectors_ = std::move(vectors);
  note();
}

// The host's kernel cannot add vectors to those that it has: all are given back and more asked for,
// a power of two where the host has as many, so that this happens a few times only. If it has not
// even what is needed, the guest keeps what it had. What the device sent meanwhile is lost;
// so each vector that was on is signalled, which a driver takes for an interrupt without work. What
// waited at the device for the new one may be lost with it.
void Interrupts::grow(uint16_t vector, int event_fd) {
  if (vector >= msix_.count) {
    throw_error("The host has {} MSI-X vectors, the guest enables number {}", msix_.count, vector);
  }
  const uint32_t pending = read_pending(vector & ~(kPendingBits - 1u));
  if (active_ == Active::kMsix) device_.disable_irqs(pci_irq::kMsix);
  active_ = Active::kNone;
  const std::vector<int> before = std::exchange(vectors_, {});
  note();
  const auto with_new = [&](size_t size) {
    std::vector<int> more = before;
    more.resize(size, -1);
    more[vector] = event_fd;
    return more;
  };
  const size_t least = vector + 1u;
  const size_t most = std::min<size_t>(std::bit_ceil(least), msix_.count);
  const auto signal_those_before = [&before] {
    for (const int fd : before) {
      // Fails only when the counter is full: then a signal waits there anyway.
      if (fd >= 0) eventfd_write(fd, 1);
    }
  };
  try {
    try {
      set_vectors(with_new(most));
    } catch (const Error&) {
      if (most == least) throw;
      set_vectors(with_new(least));
    }
  } catch (const Error&) {
    if (!before.empty()) set_vectors(before);
    signal_those_before();
    throw;
  }
  signal_those_before();
  if ((pending >> vector % kPendingBits & 1) != 0) eventfd_write(event_fd, 1);
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
    note();
  } catch (const Error& error) {
    refuse(error);
  }
}

void Interrupts::msi_disabled() {
  restart();
}

// After each change of `active_` or of what it counts.
void Interrupts::note() {
  Armed armed{.kind = active_, .vectors = 0, .most = armed_.load(std::memory_order_relaxed).most};
  if (active_ == Active::kMsi) armed.vectors = static_cast<uint16_t>(messages_);
  if (active_ == Active::kMsix) {
    armed.vectors =
        static_cast<uint16_t>(std::ranges::count_if(vectors_, [](int fd) { return fd >= 0; }));
  }
  armed.most = std::max(armed.most, armed.vectors);
  armed_.store(armed, std::memory_order_relaxed);
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
  const Armed armed = armed_.load(std::memory_order_relaxed);
  report.most = armed.most;
  if (armed.kind == Active::kNone) return report;
  report.kind = armed.kind == Active::kMsi ? "MSI" : "MSI-X";
  report.vectors = armed.vectors;
  return report;
}

}  // namespace lintel::passthrough::pci
