// SPDX-License-Identifier: Apache-2.0
// The PC's clock and battery-backed memory: a Motorola MC146818A (data sheet "MC146818A Real-Time
// Clock Plus RAM") behind an index port and a data port.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "vmm/base/clock.h"
#include "vmm/base/sync.h"
#include "vmm/base/timer.h"
#include "vmm/bus/device.h"
#include "vmm/irq/irq.h"

namespace lintel {

// What a PC's firmware looks up in the RAM part.
struct CmosConfig {
  uint64_t ram_below_4g = 0;
  uint64_t ram_above_4g = 0;
  uint32_t cpu_count = 1;
};

// The time of day that the chip counts, split as its registers are.
struct RtcTime {
  int second = 0;
  int minute = 0;
  int hour = 0;     // 0-23
  int weekday = 1;  // 1-7, Sunday is 1
  int day = 1;
  int month = 1;
  int year = 1970;  // with the century
  bool operator==(const RtcTime&) const = default;
};

class RtcCmos final : public Device {
 public:
  static constexpr uint64_t kSize = 2;

  // The clock starts as the host's, in UTC. All references must outlive the device.
  RtcCmos(const CmosConfig& config, const Clock& clock, Timer& timer, IrqLine& irq);
  ~RtcCmos() override;
  RtcCmos(const RtcCmos&) = delete;
  RtcCmos& operator=(const RtcCmos&) = delete;

  std::string_view name() const override { return "rtc-cmos"; }
  uint64_t read(uint64_t offset, AccessSize size) override;
  void write(uint64_t offset, AccessSize size, uint64_t value) override;
  // The battery keeps the time and the RAM, so a reset only clears the interrupt enables, as the
  // chip's RESET pin does.
  void reset() override;

 private:
  using Seconds = int64_t;

  uint8_t read_byte(uint8_t index) REQUIRES(mutex_);
  void write_byte(uint8_t index, uint8_t value) REQUIRES(mutex_);
  uint8_t read_flags() REQUIRES(mutex_);
  void write_register_b(uint8_t value) REQUIRES(mutex_);

  Seconds guest_seconds() const REQUIRES(mutex_);  // since 1970
  std::chrono::nanoseconds since_second() const REQUIRES(mutex_);
  bool update_in_progress() const REQUIRES(mutex_);
  RtcTime time() const REQUIRES(mutex_);
  void set_time(const RtcTime& time) REQUIRES(mutex_);

  uint8_t encode(int value) const REQUIRES(mutex_);
  int decode(uint8_t value) const REQUIRES(mutex_);
  uint8_t encode_hour(int hour) const REQUIRES(mutex_);
  int decode_hour(uint8_t value) const REQUIRES(mutex_);
  bool write_time_register(uint8_t index, uint8_t value) REQUIRES(mutex_);

  // The first second behind `after` that matches the alarm registers; none if they hold values
  // that no time has.
  std::optional<Seconds> next_alarm(Seconds after) const REQUIRES(mutex_);
  std::chrono::nanoseconds period() const REQUIRES(mutex_);  // zero: off
  // Brings the flags of register C up to date with the clock, then the interrupt and the timer.
  void catch_up() REQUIRES(mutex_);
  void rearm() REQUIRES(mutex_);
  std::optional<std::chrono::nanoseconds> next_interrupt() const REQUIRES(mutex_);

  const Clock& clock_;
  Timer& timer_;
  IrqLine& irq_;

  Mutex mutex_;
  uint8_t index_ GUARDED_BY(mutex_) = 0;
  std::array<uint8_t, 128> ram_ GUARDED_BY(mutex_){};
  uint8_t flags_ GUARDED_BY(mutex_) = 0;  // register C without its summary bit
  bool irq_level_ GUARDED_BY(mutex_) = false;
  bool armed_ GUARDED_BY(mutex_) = false;
  Seconds offset_ GUARDED_BY(mutex_) = 0;           // guest time minus host time
  std::optional<RtcTime> held_ GUARDED_BY(mutex_);  // while the guest sets the time (SET)
  Seconds checked_second_ GUARDED_BY(mutex_) = 0;   // updates and alarms are flagged up to here
  std::chrono::nanoseconds checked_period_ GUARDED_BY(mutex_){0};  // and periods, monotonic
};

}  // namespace lintel
