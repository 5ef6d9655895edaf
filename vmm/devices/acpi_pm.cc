// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/acpi_pm.h"

#include "vmm/devices/byte_access.h"

namespace lintel {
namespace {

using std::chrono::nanoseconds;

// PM1 status and enable (ACPI 6.4, tables 4.13 and 4.14): the same bits in both.
constexpr uint16_t kTimerEvent = 1 << 0;
constexpr uint16_t kGlobalEvent = 1 << 5;
constexpr uint16_t kPowerButton = 1 << 8;
// Enabled by Linux whether or not the clock can wake the machine, and read back; never raised.
constexpr uint16_t kClockAlarm = 1 << 10;
constexpr uint16_t kEnableMask = kTimerEvent | kGlobalEvent | kPowerButton | kClockAlarm;

// PM1 control (ACPI 6.4, table 4.15)
constexpr uint16_t kSciEnable = 1 << 0;
constexpr unsigned kSleepTypeShift = 10;
constexpr uint16_t kSleepTypeMask = 7 << kSleepTypeShift;
constexpr uint16_t kSleepEnable = 1 << 13;

// Offsets in the event block (PM1_EVT_LEN is 4) and what is in their two bytes.
constexpr uint64_t kEnableOffset = 2;

constexpr nanoseconds kSecond = std::chrono::seconds(1);

uint8_t byte_of(uint16_t value, uint64_t index) {
  return static_cast<uint8_t>(value >> (8 * index));
}

// RST_CNT
constexpr uint8_t kSystemReset = 0x02;
constexpr uint8_t kResetCpu = 0x04;
constexpr uint8_t kFullReset = 0x08;

}  // namespace

AcpiPm::AcpiPm(const AcpiPmWiring& wiring)
    : wiring_(wiring),
      start_(wiring.clock.monotonic()),
      event_block_(*this),
      control_block_(*this),
      timer_block_(*this) {
  wiring_.timer.on_expiry([this] {
    MutexLock lock(mutex_);
    catch_up();
  });
}

AcpiPm::~AcpiPm() {
  wiring_.timer.on_expiry(nullptr);
}

void AcpiPm::press_power_button() {
  MutexLock lock(mutex_);
  status_ |= kPowerButton;
  catch_up();
}

void AcpiPm::reset() {
  MutexLock lock(mutex_);
  catch_up();
  status_ = 0;
  enable_ = 0;
  control_ = 0;
  catch_up();
}

uint8_t AcpiPm::read_event(uint64_t offset) {
  MutexLock lock(mutex_);
  catch_up();
  return offset < kEnableOffset ? byte_of(status_, offset)
                                : byte_of(enable_, offset - kEnableOffset);
}

void AcpiPm::write_event(uint64_t offset, uint8_t value) {
  MutexLock lock(mutex_);
  catch_up();
  if (offset < kEnableOffset) {
    status_ &= static_cast<uint16_t>(~(value << (8 * offset)));  // write one to clear
  } else {
    const unsigned shift = 8 * static_cast<unsigned>(offset - kEnableOffset);
    enable_ = static_cast<uint16_t>((enable_ & ~(0xff << shift)) | (value << shift)) & kEnableMask;
  }
  catch_up();
}

uint8_t AcpiPm::read_control(uint64_t offset) {
  MutexLock lock(mutex_);
  // There is no legacy mode to leave: SCI_EN is always set, and the FADT's SMI_CMD is zero.
  return byte_of(control_ | kSciEnable, offset);
}

void AcpiPm::write_control(uint64_t offset, uint8_t value) {
  const auto written = static_cast<uint16_t>(value << (8 * offset));
  bool power_off = false;
  {
    MutexLock lock(mutex_);
    const auto kept = static_cast<uint16_t>(control_ & ~(0xff << (8 * offset)));
    control_ = (kept | written) & kSleepTypeMask;
    if ((written & kSleepEnable) == 0) return;
    const unsigned type = control_ >> kSleepTypeShift;
    power_off = type == kS5SleepType;
    if (!power_off) strange_sleep_.warn("The guest asks for sleep type {}: not supported", type);
  }
  if (power_off) wiring_.events.power_off();
}

uint64_t AcpiPm::ticks() const {
  const auto elapsed = static_cast<uint64_t>((wiring_.clock.monotonic() - start_).count());
  // Split, for the product would overflow after an hour and a half.
  const auto second = static_cast<uint64_t>(kSecond.count());
  return elapsed / second * kTimerHz + elapsed % second * kTimerHz / second;
}

void AcpiPm::catch_up() {
  // TMR_STS is set whenever the top bit changes (ACPI 6.4, 4.8.2.1).
  constexpr unsigned kHalfShift = kTimerBits - 1;
  const uint64_t now = ticks();
  const uint64_t half = now >> kHalfShift;
  if (half != checked_half_) {
    checked_half_ = half;
    status_ |= kTimerEvent;
  }
  const bool level = (status_ & enable_) != 0;
  if (level != sci_) {
    sci_ = level;
    wiring_.sci.set(level);
  }
  if ((enable_ & kTimerEvent) != 0 && (status_ & kTimerEvent) == 0) {
    const uint64_t left = ((half + 1) << kHalfShift) - now;
    // One tick more, so that the bit has changed when the timer rings.
    wiring_.timer.arm(nanoseconds((left + 1) * 1'000'000 / (kTimerHz / 1000)));
    armed_ = true;
  } else if (armed_) {
    wiring_.timer.disarm();
    armed_ = false;
  }
}

uint64_t AcpiPm::EventBlock::read(uint64_t offset, AccessSize size) {
  return read_by_bytes(offset, size, [this](uint64_t at) { return pm_.read_event(at); });
}

void AcpiPm::EventBlock::write(uint64_t offset, AccessSize size, uint64_t value) {
  write_by_bytes(offset, size, value,
                 [this](uint64_t at, uint8_t byte) { pm_.write_event(at, byte); });
}

uint64_t AcpiPm::ControlBlock::read(uint64_t offset, AccessSize size) {
  return read_by_bytes(offset, size, [this](uint64_t at) { return pm_.read_control(at); });
}

void AcpiPm::ControlBlock::write(uint64_t offset, AccessSize size, uint64_t value) {
  write_by_bytes(offset, size, value,
                 [this](uint64_t at, uint8_t byte) { pm_.write_control(at, byte); });
}

uint64_t AcpiPm::TimerBlock::read(uint64_t offset, AccessSize size) {
  static_assert(kTimerBits == 32);
  const uint64_t value = pm_.ticks() & 0xffffffff;
  return (value >> (8 * offset)) & all_ones(size);
}

uint64_t ResetControl::read(uint64_t, AccessSize) {
  MutexLock lock(mutex_);
  return value_;
}

void ResetControl::write(uint64_t, AccessSize, uint64_t value) {
  const auto written = static_cast<uint8_t>(value);
  {
    MutexLock lock(mutex_);
    const bool rises = (written & ~value_ & kResetCpu) != 0;
    value_ = written & (kSystemReset | kResetCpu | kFullReset);
    if (!rises) return;
  }
  if ((written & kSystemReset) == 0) {
    events_.reset(ResetKind::kCpu);
  } else {
    events_.reset((written & kFullReset) != 0 ? ResetKind::kPowerCycle : ResetKind::kSystem);
  }
}

void ResetControl::reset() {
  MutexLock lock(mutex_);
  value_ = 0;
}

}  // namespace lintel
