// SPDX-License-Identifier: Apache-2.0
// What the vCPU threads are to do, and the barrier where they wait when they are not to run.
#pragma once

#include <atomic>
#include <cstdint>

#include "vmm/base/sync.h"

namespace lintel {

// Threads: any. `enter` is for vCPU threads.
class RunState {
 public:
  explicit RunState(uint32_t vcpu_count) : vcpus_(vcpu_count) {}

  // True: run the guest. Waits here while the machine is paused; false once it stops.
  // `parked` is called before the wait and without a lock, for what a vCPU does when it is paused.
  template <typename Parked>
  bool enter(Parked&& parked) {
    if (phase_.load(std::memory_order_acquire) == Phase::kRunning) return true;
    parked();
    return wait_for_run();
  }
  bool stopping() const { return phase_.load(std::memory_order_acquire) == Phase::kStopping; }

  // The caller kicks the vCPUs after each of these, and after `pause` waits with `wait_parked`.
  void resume();
  void pause();
  void stop();

  // Until all vCPUs stand at the barrier, or the machine stops.
  void wait_parked();

 private:
  enum class Phase : uint8_t { kPaused, kRunning, kStopping };

  bool wait_for_run();

  const uint32_t vcpus_;
  std::atomic<Phase> phase_{Phase::kPaused};
  Mutex mutex_;
  Condition changed_;
  uint32_t parked_ GUARDED_BY(mutex_) = 0;
};

}  // namespace lintel
