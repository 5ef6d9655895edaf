// SPDX-License-Identifier: Apache-2.0
// Writes down what a guest asked of the machine.
#pragma once

#include <string>
#include <vector>

#include <fmt/core.h>

#include "vmm/base/sync.h"
#include "vmm/devices/machine_events.h"

namespace lintel {

class FakeMachineEvents final : public MachineEvents {
 public:
  void power_off() override { add("power-off"); }
  void reset(ResetKind kind) override {
    switch (kind) {
      case ResetKind::kCpu: return add("reset cpu");
      case ResetKind::kSystem: return add("reset system");
      case ResetKind::kPowerCycle: return add("reset power-cycle");
    }
  }
  void guest_panicked() override { add("panicked"); }
  void guest_crash_loaded() override { add("crash-loaded"); }
  void guest_shutting_down() override { add("shutting-down"); }
  void debug_exit(uint32_t value) override { add(fmt::format("exit {:#x}", value)); }

  std::vector<std::string> seen() {
    MutexLock lock(mutex_);
    return seen_;
  }

 private:
  void add(std::string what) {
    MutexLock lock(mutex_);
    seen_.push_back(std::move(what));
  }

  Mutex mutex_;
  std::vector<std::string> seen_ GUARDED_BY(mutex_);
};

}  // namespace lintel
