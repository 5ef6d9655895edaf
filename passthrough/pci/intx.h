// SPDX-License-Identifier: Apache-2.0
// Forwards a device's INTx to an input of the guest's interrupt controller.
//
// The host's kernel masks the interrupt when it fires, and somebody must unmask it when the guest
// has handled it. In the order of preference:
//
// - by the kernel: KVM tells vfio. Nobody of ours wakes up, but now and then to take the next
//   way for a moment, by which it is seen whether the interrupts are too many.
// - by event: KVM tells us. For devices that no eventfd unmasks, and while the first way would be a
//   storm: here we can wait.
// - by access: KVM tells nobody. The guest's next access to the device is taken for its handler's;
//   for that all registers are trapped as long as interrupts come. If it was another access, the
//   device raises the interrupt again, so nothing is lost.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "passthrough/device.h"
#include "passthrough/pci/pace.h"
#include "vmm/base/clock.h"
#include "vmm/base/event_loop.h"
#include "vmm/base/log.h"
#include "vmm/base/sync.h"
#include "vmm/base/timer.h"
#include "vmm/base/unique_fd.h"
#include "vmm/irq/irq.h"

namespace lintel {
class Error;
}

namespace lintel::passthrough::pci {

// What the way by access needs of the function. Threads: any.
class IntxSide {
 public:
  virtual ~IntxSide() = default;
  virtual void set_level(bool level) = 0;
  // From the return on until it is set back, each access to a register reaches `Intx::accessed`.
  virtual void trap_registers(bool trap) = 0;
};

// All outlive who is given it.
struct IntxServices {
  EventLoop& loop;
  const Clock& clock;
  Timer& timer;  // its own
};

// Locks: its own two, the counts' last, and between them those that IntxSide's methods take.
class Intx {
 public:
  enum class Way : uint8_t { kOff, kKernel, kEvent, kAccess };

  // `line`: the input behind the function's pin. All outlive this object.
  Intx(Device& device, IrqLine& line, IntxSide& side, const IntxServices& services);
  // As `stop`.
  ~Intx();
  Intx(const Intx&) = delete;
  Intx& operator=(const Intx&) = delete;

  // Threads: one at a time, and not the loop's callbacks. Both throw Error; `stop` has done what it
  // could then.
  void start();
  void stop();
  // The guest read or wrote a register of the device. Threads: any.
  void accessed() {
    if (waiting_.load(std::memory_order_acquire)) handled_by_access();
  }

  // Neither waits for the device, as whoever holds the other lock may. Threads: any.
  Way way() const { return way_.load(std::memory_order_relaxed); }
  // Interrupts so far, as far as it is known: not those that vfio repeats for a pin that is still
  // asserted.
  std::optional<uint64_t> count();

  // Without interrupts for so long, registers are no longer trapped; without too many, a storm is
  // over.
  static constexpr std::chrono::nanoseconds kQuiet = std::chrono::seconds(1);
  // The kernel's way is looked at for so long, and left alone in between for kQuiet at first, twice
  // as long each time that all was well, at last for so long: a storm may have the guest until
  // then.
  static constexpr std::chrono::nanoseconds kLook = 2 * Pace::kWindow;
  static constexpr std::chrono::nanoseconds kLongestRest = std::chrono::seconds(8);

 private:
  void start_by_level_events(int trigger, int resample);
  void start_by_access();
  void watch(int fd, void (Intx::*call)());
  void unwatch();

  void fired();
  void handled_by_event();
  void handled_by_access();
  void handled() REQUIRES(mutex_);
  void unmask() REQUIRES(mutex_);
  void tick();
  void look() REQUIRES(mutex_);
  void back_to_kernel() REQUIRES(mutex_);
  void rest() REQUIRES(mutex_);
  void count_kernels();
  void enter(Way way) REQUIRES(mutex_) { way_.store(way, std::memory_order_relaxed); }
  void report(const Error& error);

  Device& device_;
  IrqLine& line_;
  IntxSide& side_;
  const IntxServices services_;
  log::RateLimited refused_;
  log::RateLimited storms_;
  bool told_ = false;
  std::optional<int> watched_;        // threads: those of `start` and `stop`, and `tick`
  std::atomic<bool> waiting_{false};  // by access: the line is up
  Mutex mutex_;
  std::atomic<Way> way_ = Way::kOff;  // written under the lock
  std::unique_ptr<LevelEvents> level_ GUARDED_BY(mutex_);
  std::unique_ptr<EventFd> trigger_ GUARDED_BY(mutex_);  // by access
  bool trapped_ GUARDED_BY(mutex_) = false;
  bool busy_ GUARDED_BY(mutex_) = false;  // it fired since the timer was armed
  bool held_ GUARDED_BY(mutex_) = false;  // it is masked until the timer expires
  bool storm_ GUARDED_BY(mutex_) = false;
  // The way by event is for a look or a storm only, the kernel can do it.
  bool by_kernel_ GUARDED_BY(mutex_) = false;
  Pace pace_ GUARDED_BY(mutex_);
  std::chrono::nanoseconds rest_ GUARDED_BY(mutex_) = kQuiet;
  Mutex count_mutex_;  // held for no request to the device
  uint64_t count_ GUARDED_BY(count_mutex_) = 0;
  std::optional<uint64_t> kernels_count_ GUARDED_BY(count_mutex_);  // while the kernel does it
  bool uncounted_ GUARDED_BY(count_mutex_) = false;                 // some are not in `count_`
};

std::string_view to_string(Intx::Way way);

}  // namespace lintel::passthrough::pci
