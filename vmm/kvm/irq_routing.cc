// SPDX-License-Identifier: Apache-2.0
#include <linux/kvm.h>

#include <array>
#include <optional>
#include <utility>

#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/kvm/vm.h"

namespace lintel::kvm {
namespace {

// A vector sends its message by one ioctl until somebody wants its eventfd; from then on it has a
// GSI of its own. While it is not routed, the eventfd is taken from KVM, so that a signal stays in
// it; giving it back makes KVM look at it and deliver.
class KernelMsiVector : public MsiVector {
 public:
  KernelMsiVector(MessageInterrupts& kernel, IrqRouting& routing, uint16_t requester)
      : kernel_(kernel), routing_(routing), requester_(requester) {}

  ~KernelMsiVector() override {
    MutexLock lock(mutex_);
    if (!event_) return;
    if (attached_) kernel_.deassign_irqfd(event_->get(), gsi_);
    routing_.release(gsi_);
  }

  void route(std::optional<MsiMessage> message) override {
    MutexLock lock(mutex_);
    if (message == message_) return;
    message_ = message;
    if (event_) attach();
  }

  // What the table needs before `route` can give the kernel the eventfd.
  std::optional<IrqRouting::Route> wanted(const MsiMessage& message) {
    MutexLock lock(mutex_);
    if (!event_) return std::nullopt;
    return IrqRouting::Route{gsi_, message, requester_};
  }

  bool trigger() override {
    MutexLock lock(mutex_);
    if (!message_) return false;
    kernel_.signal_msi(*message_, requester_);
    return true;
  }

  bool pending() override {
    MutexLock lock(mutex_);
    return event_ && !attached_ && event_->is_signalled();
  }

  void forget_pending() override {
    MutexLock lock(mutex_);
    if (event_ && !attached_) event_->consume();
  }

  int event_fd() override {
    MutexLock lock(mutex_);
    if (!event_) {
      // First what may fail: without an eventfd nobody gives the GSI back.
      auto event = std::make_unique<EventFd>();
      gsi_ = routing_.allocate();
      event_ = std::move(event);
      attach();
    }
    return event_->get();
  }

 private:
  void attach() REQUIRES(mutex_) {
    try {
      if (message_) routing_.route(std::array{IrqRouting::Route{gsi_, *message_, requester_}});
      if (message_ && !attached_) {
        kernel_.assign_irqfd(event_->get(), gsi_);
        attached_ = true;
      } else if (!message_ && attached_) {
        kernel_.deassign_irqfd(event_->get(), gsi_);
        attached_ = false;
      }
    } catch (const Error& error) {
      // The guest chose the message; one that KVM refuses is a lost interrupt of that guest.
      refused_.warn("{}", error.describe());
    }
  }

  MessageInterrupts& kernel_;
  IrqRouting& routing_;
  const uint16_t requester_;
  log::RateLimited refused_;
  Mutex mutex_;
  std::optional<MsiMessage> message_ GUARDED_BY(mutex_);
  std::unique_ptr<EventFd> event_ GUARDED_BY(mutex_);
  Gsi gsi_ GUARDED_BY(mutex_){0};
  bool attached_ GUARDED_BY(mutex_) = false;
};

class KernelLevelEvents : public LevelEvents {
 public:
  KernelLevelEvents(Vm& vm, Gsi gsi) : vm_(vm), gsi_(gsi) {
    vm_.assign_level_irqfd(trigger_.get(), resample_.get(), gsi_);
  }
  // KVM takes the line low with it.
  ~KernelLevelEvents() override { vm_.deassign_irqfd(trigger_.get(), gsi_); }

  int trigger_fd() const override { return trigger_.get(); }
  int resample_fd() const override { return resample_.get(); }

 private:
  Vm& vm_;
  const Gsi gsi_;
  EventFd trigger_;
  EventFd resample_;
};

}  // namespace

std::unique_ptr<LevelEvents> KernelIrqLine::make_level_events() {
  if (vm_.capability(KVM_CAP_IRQFD_RESAMPLE) == 0) return nullptr;
  return std::make_unique<KernelLevelEvents>(vm_, gsi_);
}

std::unique_ptr<MsiVector> KernelMsiSink::make_vector(uint16_t requester) {
  return std::make_unique<KernelMsiVector>(kernel_, routing_, requester);
}

void KernelMsiSink::route(std::span<const MsiRoute> routes) {
  std::vector<IrqRouting::Route> table;
  for (const MsiRoute& route : routes) {
    if (!route.message) continue;
    const auto wanted = static_cast<KernelMsiVector*>(route.vector)->wanted(*route.message);
    if (wanted) table.push_back(*wanted);
  }
  try {
    if (table.size() > 1) routing_.route(table);
  } catch (const Error& error) {
    // Each vector now tries for itself, and the one that KVM refuses warns.
    log::debug("{} routes at once: {}", table.size(), error.describe());
  }
  MsiSink::route(routes);
}

IrqRouting::IrqRouting(MessageInterrupts& kernel, std::vector<Fixed> fixed, uint32_t first_msi_gsi)
    : kernel_(kernel),
      fixed_(std::move(fixed)),
      first_msi_gsi_(first_msi_gsi),
      numbers_(UINT32_MAX - first_msi_gsi) {}

Gsi IrqRouting::allocate() {
  MutexLock lock(mutex_);
  const std::optional<uint32_t> number = numbers_.take();
  if (!number) throw_error("All {} interrupts for messages are in use", numbers_.limit());
  if (*number == msis_.size()) msis_.emplace_back();
  return Gsi(first_msi_gsi_ + *number);
}

void IrqRouting::release(Gsi gsi) {
  MutexLock lock(mutex_);
  const uint32_t number = gsi.value - first_msi_gsi_;
  msis_[number] = {};
  numbers_.give_back(number);
}

void IrqRouting::route(std::span<const Route> routes) {
  MutexLock lock(mutex_);
  std::vector<std::pair<size_t, Msi>> before;
  for (const Route& route : routes) {
    const size_t index = route.gsi.value - first_msi_gsi_;
    Msi& msi = msis_[index];
    if (msi.message == route.message) continue;
    before.emplace_back(index, msi);
    msi.message = route.message;
    msi.requester = route.requester;
  }
  if (before.empty()) return;
  try {
    commit();
  } catch (const Error&) {
    // With an entry that KVM refuses, no later table would be taken.
    for (auto entry = before.rbegin(); entry != before.rend(); ++entry) {
      msis_[entry->first] = entry->second;
    }
    throw;
  }
}

void IrqRouting::commit() {
  std::vector<kvm_irq_routing_entry> entries;
  entries.reserve(fixed_.size() + msis_.size());
  for (const Fixed& fixed : fixed_) {
    kvm_irq_routing_entry& entry = entries.emplace_back();
    entry.gsi = fixed.gsi;
    entry.type = KVM_IRQ_ROUTING_IRQCHIP;
    entry.u.irqchip.irqchip = fixed.chip;
    entry.u.irqchip.pin = fixed.pin;
  }
  const bool device_ids = kernel_.msi_has_device_ids();
  for (size_t i = 0; i < msis_.size(); ++i) {
    if (!msis_[i].message) continue;
    kvm_irq_routing_entry& entry = entries.emplace_back();
    entry.gsi = first_msi_gsi_ + static_cast<uint32_t>(i);
    entry.type = KVM_IRQ_ROUTING_MSI;
    entry.u.msi.address_lo = static_cast<uint32_t>(msis_[i].message->address);
    entry.u.msi.address_hi = static_cast<uint32_t>(msis_[i].message->address >> 32);
    entry.u.msi.data = msis_[i].message->data;
    if (device_ids) {
      entry.flags = KVM_MSI_VALID_DEVID;
      entry.u.msi.devid = msis_[i].requester;
    }
  }
  kernel_.set_routes(entries);
}

}  // namespace lintel::kvm
