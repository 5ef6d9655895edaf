// SPDX-License-Identifier: Apache-2.0
// The ACPI fixed hardware (ACPI 6.4, 4.8): power management event and control registers, the power
// management timer, and the chipset's reset register. The FADT says where they are.
#pragma once

#include <chrono>
#include <cstdint>

#include "vmm/base/clock.h"
#include "vmm/base/log.h"
#include "vmm/base/sync.h"
#include "vmm/base/timer.h"
#include "vmm/bus/device.h"
#include "vmm/devices/machine_events.h"
#include "vmm/irq/irq.h"

namespace lintel {

// Everything here must outlive the device.
struct AcpiPmWiring {
  const Clock& clock;
  Timer& timer;
  IrqLine& sci;  // level
  MachineEvents& events;
};

class AcpiPm {
 public:
  static constexpr uint64_t kEventSize = 4;
  static constexpr uint64_t kControlSize = 2;
  static constexpr uint64_t kTimerSize = 4;
  // The frequency of the timer (ACPI 6.4, 4.8.2.1), and its width: FADT flag TMR_VAL_EXT is set.
  static constexpr uint64_t kTimerHz = 3'579'545;
  static constexpr unsigned kTimerBits = 32;
  // SLP_TYP of \_S5. Zero, because virtual firmware writes it without asking the tables.
  static constexpr uint8_t kS5SleepType = 0;

  explicit AcpiPm(const AcpiPmWiring& wiring);
  ~AcpiPm();
  AcpiPm(const AcpiPm&) = delete;
  AcpiPm& operator=(const AcpiPm&) = delete;

  // The register blocks, for the bus. `reset` of any one resets all.
  Device& event_block() { return event_block_; }
  Device& control_block() { return control_block_; }
  Device& timer_block() { return timer_block_; }

  // As if someone pressed it; the guest's operating system decides what it means. Threads: any.
  void press_power_button();

 private:
  class EventBlock final : public Device {
   public:
    explicit EventBlock(AcpiPm& pm) : pm_(pm) {}
    std::string_view name() const override { return "acpi-pm1a-event"; }
    uint64_t read(uint64_t offset, AccessSize size) override;
    void write(uint64_t offset, AccessSize size, uint64_t value) override;
    void reset() override { pm_.reset(); }

   private:
    AcpiPm& pm_;
  };

  class ControlBlock final : public Device {
   public:
    explicit ControlBlock(AcpiPm& pm) : pm_(pm) {}
    std::string_view name() const override { return "acpi-pm1a-control"; }
    uint64_t read(uint64_t offset, AccessSize size) override;
    void write(uint64_t offset, AccessSize size, uint64_t value) override;
    void reset() override { pm_.reset(); }

   private:
    AcpiPm& pm_;
  };

  class TimerBlock final : public Device {
   public:
    explicit TimerBlock(AcpiPm& pm) : pm_(pm) {}
    std::string_view name() const override { return "acpi-pm-timer"; }
    uint64_t read(uint64_t offset, AccessSize size) override;
    void write(uint64_t, AccessSize, uint64_t) override {}  // read-only
    void reset() override { pm_.reset(); }

   private:
    AcpiPm& pm_;
  };

  void reset();
  uint8_t read_event(uint64_t offset);
  void write_event(uint64_t offset, uint8_t value);
  uint8_t read_control(uint64_t offset);
  void write_control(uint64_t offset, uint8_t value);

  // Ticks since power-on, not cut to the register's width.
  uint64_t ticks() const;
  // Notes in the status whether the timer's top bit changed, then sets the SCI and the next
  // wake-up.
  void catch_up() REQUIRES(mutex_);

  const AcpiPmWiring wiring_;
  const std::chrono::nanoseconds start_;
  log::RateLimited strange_sleep_;

  Mutex mutex_;
  uint16_t status_ GUARDED_BY(mutex_) = 0;
  uint16_t enable_ GUARDED_BY(mutex_) = 0;
  uint16_t control_ GUARDED_BY(mutex_) = 0;
  uint64_t checked_half_ GUARDED_BY(mutex_) = 0;  // half turns of the timer that were noted
  bool sci_ GUARDED_BY(mutex_) = false;
  bool armed_ GUARDED_BY(mutex_) = false;

  EventBlock event_block_;
  ControlBlock control_block_;
  TimerBlock timer_block_;
};

// The reset control register (ICH9 data sheet, 13.7.5 "RST_CNT"), which the FADT's RESET_REG names.
class ResetControl final : public Device {
 public:
  static constexpr uint64_t kSize = 1;

  explicit ResetControl(MachineEvents& events) : events_(events) {}

  std::string_view name() const override { return "reset-control"; }
  uint64_t read(uint64_t offset, AccessSize size) override;
  void write(uint64_t offset, AccessSize size, uint64_t value) override;
  void reset() override;

 private:
  MachineEvents& events_;
  Mutex mutex_;
  uint8_t value_ GUARDED_BY(mutex_) = 0;
};

}  // namespace lintel
