// SPDX-License-Identifier: Apache-2.0
#include "passthrough/pci/intx.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "vmm/base/error.h"

namespace lintel::passthrough::pci {

Intx::Intx(Device& device, IrqLine& line, IntxSide& side, const IntxServices& services)
    : device_(device), line_(line), side_(side), services_(services) {
  services_.timer.on_expiry([this] { tick(); });
}

Intx::~Intx() {
  try {
    stop();
  } catch (const Error& error) {
    report(error);
  }
  services_.timer.on_expiry(nullptr);
}

void Intx::report(const Error& error) {
  refused_.warn("{}: INTx: {}", device_.name(), error.describe());
}

// No lock is held while waiting for the loop, whose callbacks take it.
void Intx::watch(int fd, void (Intx::*call)()) {
  services_.loop.run_sync(
      [&] { services_.loop.add(fd, EPOLLIN, [this, call](uint32_t) { (this->*call)(); }); });
  watched_ = fd;
}

void Intx::unwatch() {
  const auto fd = std::exchange(watched_, std::nullopt);
  if (fd) services_.loop.run_sync([&] { services_.loop.remove(*fd); });
}

void Intx::start() {
  std::unique_ptr<LevelEvents> level = line_.make_level_events();
  if (level == nullptr) {
    start_by_access();
    return;
  }
  const int trigger = level->trigger_fd();
  const int resample = level->resample_fd();
  {
    MutexLock lock(mutex_);
    level_ = std::move(level);
  }
  try {
    start_by_level_events(trigger, resample);
  } catch (const Error&) {
    MutexLock lock(mutex_);
    level_.reset();
    throw;
  }
}

void Intx::start_by_level_events(int trigger, int resample) {
  device_.set_triggers(pci_irq::kIntx, 0, std::array{trigger});
  bool by_kernel = true;
  try {
    // One that fired already is found in the eventfd.
    device_.set_unmask_event(pci_irq::kIntx, 0, resample);
  } catch (const Error& error) {
    log::debug("{}: {}", device_.name(), error.describe());
    by_kernel = false;
  }
  {
    MutexLock lock(mutex_);
    by_kernel_ = by_kernel;
    enter(by_kernel ? Way::kKernel : Way::kEvent);
    rest_ = kQuiet;
    if (by_kernel) rest();
  }
  if (!by_kernel) watch(resample, &Intx::handled_by_event);
}

void Intx::start_by_access() {
  auto trigger = std::make_unique<EventFd>();
  const int fd = trigger->get();
  {
    MutexLock lock(mutex_);
    trigger_ = std::move(trigger);
    enter(Way::kAccess);
  }
  watch(fd, &Intx::fired);
  try {
    device_.set_triggers(pci_irq::kIntx, 0, std::array{fd});
  } catch (const Error&) {
    unwatch();
    MutexLock lock(mutex_);
    trigger_.reset();
    enter(Way::kOff);
    throw;
  }
  if (std::exchange(told_, true)) return;
  log::info("{}: KVM cannot tell when the guest has handled INTx; its accesses to the device do",
            device_.name());
}

void Intx::stop() {
  // They are closed when the device no longer uses them.
  std::unique_ptr<LevelEvents> level;
  std::unique_ptr<EventFd> trigger;
  bool on = false;
  {
    MutexLock lock(mutex_);
    count_kernels();
    {
      MutexLock counts(count_mutex_);
      kernels_count_.reset();
    }
    on = way_.exchange(Way::kOff) != Way::kOff;
    level = std::move(level_);
    trigger = std::move(trigger_);
    held_ = storm_ = busy_ = false;
    services_.timer.disarm();
    if (waiting_.exchange(false)) side_.set_level(false);
    if (std::exchange(trapped_, false)) side_.trap_registers(false);
  }
  unwatch();
  if (on) device_.disable_irqs(pci_irq::kIntx);
}

void Intx::fired() {
  MutexLock lock(mutex_);
  if (way_ != Way::kAccess || !trigger_->consume()) return;
  // Registers first: the handler's access is the one that is waited for.
  if (!std::exchange(trapped_, true)) {
    side_.trap_registers(true);
    services_.timer.arm(kQuiet);
  }
  busy_ = true;
  waiting_.store(true, std::memory_order_release);
  side_.set_level(true);
}

void Intx::handled_by_access() {
  MutexLock lock(mutex_);
  if (!waiting_.exchange(false)) return;
  side_.set_level(false);
  handled();
}

void Intx::handled_by_event() {
  MutexLock lock(mutex_);
  eventfd_t ends = 0;
  if (way_ == Way::kEvent && eventfd_read(level_->resample_fd(), &ends) == 0) handled();
}

void Intx::handled() {
  {
    MutexLock lock(count_mutex_);
    ++count_;
  }
  const auto delay = pace_.handled(services_.clock.monotonic());
  if (delay == delay.zero()) {
    unmask();
    return;
  }
  held_ = true;
  services_.timer.arm(delay);
  if (std::exchange(storm_, true)) return;
  storms_.warn(
      "{}: INTx fires {} times a second, a storm: it is masked in between, so that at most {} a "
      "second reach the guest. Either no driver of the guest's handles the device (load it, or let "
      "it use MSI), or the device hangs (restart the guest, which resets it)",
      device_.name(), pace_.rate(), Pace::kPerSecond);
}

void Intx::unmask() {
  try {
    device_.unmask(pci_irq::kIntx, 0);
  } catch (const Error& error) {
    report(error);
  }
}

void Intx::tick() {
  MutexLock lock(mutex_);
  if (way_ == Way::kOff) return;
  if (way_ == Way::kKernel) {
    look();
    return;
  }
  if (std::exchange(held_, false)) {
    unmask();
    services_.timer.arm(kQuiet);
    return;
  }
  const bool calm = !pace_.too_many_since(services_.clock.monotonic() - kQuiet);
  if (storm_ && calm) storms_.warn("{}: the storm of INTx is over", device_.name());
  if (way_ == Way::kEvent) {
    if (!by_kernel_) {
      storm_ = storm_ && !calm;
      return;
    }
    if (calm) {
      back_to_kernel();
    } else {
      services_.timer.arm(kQuiet);
    }
    return;
  }
  storm_ = storm_ && !calm;
  if (!std::exchange(busy_, false) && !waiting_) {
    trapped_ = false;
    side_.trap_registers(false);
  } else {
    services_.timer.arm(kQuiet);
  }
}

void Intx::rest() {
  {
    MutexLock lock(count_mutex_);
    kernels_count_ = device_.intx_count();
    uncounted_ = uncounted_ || !kernels_count_;
  }
  services_.timer.arm(rest_);
}

// What came since the last time is added to `count_`, if the kernel is at it.
void Intx::count_kernels() {
  MutexLock lock(count_mutex_);
  if (!kernels_count_) return;
  const uint64_t now = device_.intx_count().value_or(*kernels_count_);
  count_ += now - *kernels_count_;
  kernels_count_ = now;
}

// The host's count of the line's interrupts tells of no storm: where the device itself can be
// masked, vfio looks at its pin when it unmasks it, and if that is still asserted signals us again
// without an interrupt. Other devices may share the line besides. By event we see this device's
// own.
void Intx::look() {
  count_kernels();
  services_.timer.arm(rest_);
  try {
    device_.set_unmask_event(pci_irq::kIntx, 0, -1);
  } catch (const Error& error) {
    report(error);
    return;
  }
  services_.timer.arm(kLook);
  {
    MutexLock lock(count_mutex_);
    kernels_count_.reset();  // each is seen here now
  }
  enter(Way::kEvent);
  // On the loop's own thread this does not wait.
  watch(level_->resample_fd(), &Intx::handled_by_event);
}

void Intx::back_to_kernel() {
  unwatch();
  try {
    device_.set_unmask_event(pci_irq::kIntx, 0, level_->resample_fd());
  } catch (const Error& error) {
    report(error);
    by_kernel_ = false;
    watch(level_->resample_fd(), &Intx::handled_by_event);
    return;
  }
  enter(Way::kKernel);
  rest_ = std::exchange(storm_, false) ? kQuiet : std::min(2 * rest_, kLongestRest);
  rest();
}

std::optional<uint64_t> Intx::count() {
  count_kernels();
  MutexLock lock(count_mutex_);
  return uncounted_ ? std::nullopt : std::optional(count_);
}

std::string_view to_string(Intx::Way way) {
  switch (way) {
    case Intx::Way::kOff: return "off";
    case Intx::Way::kKernel: return "kernel";
    case Intx::Way::kEvent: return "event";
    case Intx::Way::kAccess: return "access";
  }
  return "";
}

}  // namespace lintel::passthrough::pci
