// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/run_state.h"

namespace lintel {

bool RunState::wait_for_run() {
  MutexLock lock(mutex_);
  ++parked_;
  changed_.notify_all();
  while (phase_.load(std::memory_order_acquire) == Phase::kPaused) changed_.wait(mutex_);
  --parked_;
  return phase_.load(std::memory_order_acquire) == Phase::kRunning;
}

void RunState::resume() {
  MutexLock lock(mutex_);
  if (phase_.load() == Phase::kPaused) phase_.store(Phase::kRunning, std::memory_order_release);
  changed_.notify_all();
}

void RunState::pause() {
  MutexLock lock(mutex_);
  if (phase_.load() == Phase::kRunning) phase_.store(Phase::kPaused, std::memory_order_release);
}

void RunState::stop() {
  MutexLock lock(mutex_);
  phase_.store(Phase::kStopping, std::memory_order_release);
  changed_.notify_all();
}

void RunState::wait_parked() {
  MutexLock lock(mutex_);
  while (parked_ != vcpus_ && phase_.load() == Phase::kPaused) changed_.wait(mutex_);
}

}  // namespace lintel
