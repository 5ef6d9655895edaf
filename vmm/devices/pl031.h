// SPDX-License-Identifier: Apache-2.0
// ARM's real-time clock, the PrimeCell RTC PL031 (ARM DDI 0224; section numbers below are its): a
// 32-bit counter of seconds, which wraps, and an alarm at one of its values.
#pragma once

#include <chrono>
#include <cstdint>

#include "vmm/base/clock.h"
#include "vmm/base/sync.h"
#include "vmm/base/timer.h"
#include "vmm/bus/device.h"
#include "vmm/devices/prime_cell.h"
#include "vmm/irq/irq.h"

namespace lintel {

class Pl031 final : public Device {
 public:
  static constexpr uint64_t kSize = prime_cell::kSize;

  // Counts the host's seconds since 1970 until the guest loads another value. All references must
  // outlive the device. `irq` is a level input: RTCINTR.
  Pl031(const Clock& clock, Timer& timer, IrqLine& irq);
  ~Pl031() override;
  Pl031(const Pl031&) = delete;
  Pl031& operator=(const Pl031&) = delete;

  std::string_view name() const override { return "pl031"; }
  uint64_t read(uint64_t offset, AccessSize size) override;
  void write(uint64_t offset, AccessSize size, uint64_t value) override;
  // The counter has a supply and a reset of its own (2.2, nPOR), so it keeps the time.
  void reset() override;

 private:
  uint32_t read_register(uint64_t offset) REQUIRES(mutex_);
  void write_register(uint64_t offset, uint32_t value) REQUIRES(mutex_);

  int64_t host_seconds() const;
  uint32_t counter_at(int64_t host_seconds) const REQUIRES(mutex_);
  // From one second on until the counter has the alarm's value anew: 1 to 2^32.
  int64_t until_match(int64_t host_seconds) const REQUIRES(mutex_);
  // After the counter or the alarm was set: they may be equal already.
  void start_matching() REQUIRES(mutex_);
  // Brings the raw interrupt up to date with the clock, then the line and the timer.
  void catch_up() REQUIRES(mutex_);
  void update() REQUIRES(mutex_);

  const Clock& clock_;
  Timer& timer_;
  IrqLine& irq_;

  Mutex mutex_;
  uint32_t offset_ GUARDED_BY(mutex_) = 0;  // counter minus host time
  uint32_t match_ GUARDED_BY(mutex_) = 0;
  uint32_t load_ GUARDED_BY(mutex_) = 0;
  bool enabled_ GUARDED_BY(mutex_) = false;  // RTCIMSC
  bool pending_ GUARDED_BY(mutex_) = false;  // RTCRIS
  bool irq_level_ GUARDED_BY(mutex_) = false;
  bool armed_ GUARDED_BY(mutex_) = false;
  int64_t checked_ GUARDED_BY(mutex_) = 0;  // host second up to which matches are noted
};

}  // namespace lintel
