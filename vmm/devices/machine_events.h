// SPDX-License-Identifier: Apache-2.0
// What a guest can ask of the machine as a whole, or tell it.
#pragma once

#include <cstdint>

namespace lintel {

enum class ResetKind : uint8_t {
  kCpu,         // INIT: the processors only
  kSystem,      // the platform's reset signal
  kPowerCycle,  // power off and on again
};

// Threads: called from vCPU threads, with no lock of the caller's held. Must return soon: it notes
// the request and wakes whoever carries it out.
class MachineEvents {
 public:
  virtual ~MachineEvents() = default;
  // The guest entered S5, or the like.
  virtual void power_off() = 0;
  virtual void reset(ResetKind kind) = 0;
  virtual void guest_panicked() = 0;
  // The guest crashed and has a crash kernel that now runs: not the end yet.
  virtual void guest_crash_loaded() = 0;
  // The guest says it is about to shut down in good order.
  virtual void guest_shutting_down() = 0;
  // A test guest reports its result.
  virtual void debug_exit(uint32_t value) = 0;
};

}  // namespace lintel
