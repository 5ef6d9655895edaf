// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/rtc_cmos.h"

#include <algorithm>

#include "vmm/devices/byte_access.h"

namespace lintel {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

// Address map (data sheet, figure 10).
constexpr uint8_t kSecond = 0x00;
constexpr uint8_t kSecondAlarm = 0x01;
constexpr uint8_t kMinute = 0x02;
constexpr uint8_t kMinuteAlarm = 0x03;
constexpr uint8_t kHour = 0x04;
constexpr uint8_t kHourAlarm = 0x05;
constexpr uint8_t kWeekday = 0x06;
constexpr uint8_t kDay = 0x07;
constexpr uint8_t kMonth = 0x08;
constexpr uint8_t kYear = 0x09;
constexpr uint8_t kRegisterA = 0x0a;
constexpr uint8_t kRegisterB = 0x0b;
constexpr uint8_t kRegisterC = 0x0c;
constexpr uint8_t kRegisterD = 0x0d;
// Not the chip's but the PC's; the FADT's CENTURY field names it (ACPI 6.4, 5.2.9).
constexpr uint8_t kCentury = 0x32;

constexpr uint8_t kUpdateInProgress = 0x80;  // register A
constexpr uint8_t kDividerRunning = 0x20;    // register A, DV2-0 = 010: 32768 Hz
constexpr uint8_t kDefaultRate = 0x06;       // register A, RS3-0: 1024 Hz
constexpr uint8_t kSet = 0x80;               // register B
constexpr uint8_t kBinary = 0x04;            // register B, DM
constexpr uint8_t k24Hour = 0x02;            // register B
constexpr uint8_t kPeriodicFlag = 0x40;      // registers B (enable) and C (flag)
constexpr uint8_t kAlarmFlag = 0x20;         // registers B and C
constexpr uint8_t kUpdateFlag = 0x10;        // registers B and C
constexpr uint8_t kInterruptFlags = kPeriodicFlag | kAlarmFlag | kUpdateFlag;
constexpr uint8_t kSquareWave = 0x08;        // register B
constexpr uint8_t kInterruptRequest = 0x80;  // register C
constexpr uint8_t kValidRam = 0x80;          // register D

constexpr uint8_t kAfternoon = 0x80;      // in 12-hour registers
constexpr uint8_t kAlarmDontCare = 0xc0;  // and everything above

// From "update in progress" to the update (data sheet, figure 14: t_BUC).
constexpr nanoseconds kBeforeUpdate = std::chrono::microseconds(244);

constexpr int64_t kSecondsPerDay = 86400;

int64_t floor_div(int64_t value, int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

// What firmware expects of a PC's CMOS: the IBM AT's bytes, and behind them those that the
// open-source virtual firmwares read for memory above 16 MiB and 4 GiB and the number of CPUs.
void fill_configuration(const CmosConfig& config, std::array<uint8_t, 128>& ram) {
  const auto put = [&ram](uint8_t index, uint64_t value, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      ram[index + i] = static_cast<uint8_t>(value >> (8 * i));
    }
  };
  const auto beyond = [&config](uint64_t base, uint64_t unit, uint64_t limit) {
    const uint64_t above = config.ram_below_4g > base ? config.ram_below_4g - base : 0;
    return std::min(above / unit, limit);
  };
  put(0x15, 640, 2);                                   // base memory, KiB
  put(0x17, beyond(kMiB, kKiB, 0xffff), 2);            // above 1 MiB, KiB
  put(0x30, beyond(kMiB, kKiB, 0xffff), 2);            // the same, as found by the self-test
  put(0x34, beyond(16 * kMiB, 64 * kKiB, 0xffff), 2);  // above 16 MiB, 64 KiB
  put(0x5b, std::min<uint64_t>(config.ram_above_4g / (64 * kKiB), 0xffffff), 3);
  ram[0x5f] = static_cast<uint8_t>(std::clamp(config.cpu_count, 1u, 256u) - 1);
}

RtcTime split(int64_t since_epoch) {
  const int64_t days = floor_div(since_epoch, kSecondsPerDay);
  const auto in_day = static_cast<int>(since_epoch - days * kSecondsPerDay);
  const std::chrono::sys_days date{std::chrono::days(days)};
  const std::chrono::year_month_day ymd{date};
  RtcTime time;
  time.second = in_day % 60;
  time.minute = in_day / 60 % 60;
  time.hour = in_day / 3600;
  time.weekday = static_cast<int>(std::chrono::weekday(date).c_encoding()) + 1;
  time.day = static_cast<int>(static_cast<unsigned>(ymd.day()));
  time.month = static_cast<int>(static_cast<unsigned>(ymd.month()));
  time.year = static_cast<int>(ymd.year());
  return time;
}

// Fields beyond their range carry over, and the year wraps at 10000: a guest that writes month 99
// gets some date, not an error, however often it does.
int64_t join(const RtcTime& time) {
  const int months = time.year * 12 + time.month - 1;
  const int year = months / 12 % 10000;
  const auto month = static_cast<unsigned>(months % 12 + 1);
  const std::chrono::sys_days first{std::chrono::year(year) / std::chrono::month(month) / 1};
  const int64_t days = first.time_since_epoch().count() + time.day - 1;
  return ((days * 24 + time.hour) * 60 + time.minute) * 60 + time.second;
}

}  // namespace

RtcCmos::RtcCmos(const CmosConfig& config, const Clock& clock, Timer& timer, IrqLine& irq)
    : clock_(clock), timer_(timer), irq_(irq) {
  fill_configuration(config, ram_);
  ram_[kRegisterA] = kDividerRunning | kDefaultRate;
  ram_[kRegisterB] = k24Hour;
  ram_[kRegisterD] = kValidRam;
  checked_second_ = guest_seconds();
  checked_period_ = clock_.monotonic();
  timer_.on_expiry([this] {
    MutexLock lock(mutex_);
    catch_up();
  });
}

RtcCmos::~RtcCmos() {
  timer_.on_expiry(nullptr);
}

uint64_t RtcCmos::read(uint64_t offset, AccessSize size) {
  return read_by_bytes(offset, size, [this](uint64_t at) -> uint8_t {
    MutexLock lock(mutex_);
    return at == 1 ? read_byte(index_) : 0xff;  // the index port cannot be read
  });
}

void RtcCmos::write(uint64_t offset, AccessSize size, uint64_t value) {
  write_by_bytes(offset, size, value, [this](uint64_t at, uint8_t byte) {
    MutexLock lock(mutex_);
    if (at == 0) {
      index_ = byte & 0x7f;  // bit 7 masks NMIs on a PC; there are none
    } else {
      write_byte(index_, byte);
    }
  });
}

void RtcCmos::reset() {
  MutexLock lock(mutex_);
  index_ = 0;
  catch_up();
  ram_[kRegisterB] &= static_cast<uint8_t>(~(kInterruptFlags | kSquareWave));
  flags_ = 0;
  catch_up();
}

uint8_t RtcCmos::read_byte(uint8_t index) {
  switch (index) {
    case kSecond: return encode(time().second);
    case kMinute: return encode(time().minute);
    case kHour: return encode_hour(time().hour);
    case kWeekday: return encode(time().weekday);
    case kDay: return encode(time().day);
    case kMonth: return encode(time().month);
    case kYear: return encode(time().year % 100);
    case kCentury: return encode(time().year / 100);
    case kRegisterA: return ram_[kRegisterA] | (update_in_progress() ? kUpdateInProgress : 0);
    case kRegisterC: return read_flags();
    default: return ram_[index];
  }
}

void RtcCmos::write_byte(uint8_t index, uint8_t value) {
  if (write_time_register(index, value)) return;
  switch (index) {
    case kRegisterA:
      catch_up();
      ram_[kRegisterA] = value & static_cast<uint8_t>(~kUpdateInProgress);
      checked_period_ = clock_.monotonic();
      rearm();
      break;
    case kRegisterB: write_register_b(value); break;
    case kRegisterC:
    case kRegisterD: break;  // read-only
    case kSecondAlarm:
    case kMinuteAlarm:
    case kHourAlarm:
      catch_up();
      ram_[index] = value;
      rearm();
      break;
    default: ram_[index] = value; break;
  }
}

uint8_t RtcCmos::read_flags() {
  catch_up();
  const uint8_t value = flags_ | (irq_level_ ? kInterruptRequest : 0);
  flags_ = 0;
  catch_up();
  return value;
}

void RtcCmos::write_register_b(uint8_t value) {
  catch_up();
  if ((value & kSet) != 0) {
    if (!held_) held_ = time();
    value &= static_cast<uint8_t>(~kUpdateFlag);  // setting SET clears UIE (register B, bit 7)
  }
  ram_[kRegisterB] = value;
  if ((value & kSet) == 0 && held_) {
    const RtcTime set = *held_;
    held_.reset();
    set_time(set);
  }
  catch_up();
}

// In seconds, for the year 9999 in nanoseconds does not fit in 64 bits.
RtcCmos::Seconds RtcCmos::guest_seconds() const {
  return std::chrono::floor<seconds>(clock_.realtime()).count() + offset_;
}

nanoseconds RtcCmos::since_second() const {
  const nanoseconds now = clock_.realtime();
  return now - std::chrono::floor<seconds>(now);
}

// Derived from the clock alone, so it can neither stick nor be missed: a guest that sees it clear
// has 244 us to read a consistent time, as on the chip.
bool RtcCmos::update_in_progress() const {
  if (held_) return false;
  return since_second() >= seconds(1) - kBeforeUpdate;
}

RtcTime RtcCmos::time() const {
  return held_ ? *held_ : split(guest_seconds());
}

void RtcCmos::set_time(const RtcTime& time) {
  offset_ += join(time) - guest_seconds();
  checked_second_ = guest_seconds();
}

uint8_t RtcCmos::encode(int value) const {
  if ((ram_[kRegisterB] & kBinary) != 0) return static_cast<uint8_t>(value);
  return static_cast<uint8_t>(value / 10 % 10 * 16 + value % 10);
}

int RtcCmos::decode(uint8_t value) const {
  if ((ram_[kRegisterB] & kBinary) != 0) return value;
  return (value >> 4) * 10 + (value & 0x0f);
}

uint8_t RtcCmos::encode_hour(int hour) const {
  if ((ram_[kRegisterB] & k24Hour) != 0) return encode(hour);
  const int twelve = hour % 12 == 0 ? 12 : hour % 12;
  return encode(twelve) | (hour >= 12 ? kAfternoon : 0);
}

int RtcCmos::decode_hour(uint8_t value) const {
  if ((ram_[kRegisterB] & k24Hour) != 0) return decode(value);
  const int twelve = decode(value & static_cast<uint8_t>(~kAfternoon)) % 12;
  return twelve + ((value & kAfternoon) != 0 ? 12 : 0);
}

bool RtcCmos::write_time_register(uint8_t index, uint8_t value) {
  RtcTime changed = time();
  switch (index) {
    case kSecond: changed.second = decode(value); break;
    case kMinute: changed.minute = decode(value); break;
    case kHour: changed.hour = decode_hour(value); break;
    case kWeekday: changed.weekday = decode(value); break;  // follows from the date once it counts
    case kDay: changed.day = decode(value); break;
    case kMonth: changed.month = decode(value); break;
    case kYear: changed.year = changed.year / 100 * 100 + decode(value) % 100; break;
    case kCentury: changed.year = decode(value) % 100 * 100 + changed.year % 100; break;
    default: return false;
  }
  if (held_) {
    held_ = changed;
  } else {
    catch_up();
    set_time(changed);
    rearm();
  }
  return true;
}

std::optional<RtcCmos::Seconds> RtcCmos::next_alarm(Seconds after) const {
  // -1: any value will do.
  const auto wanted = [](uint8_t raw, int value) { return raw >= kAlarmDontCare ? -1 : value; };
  const int hour = wanted(ram_[kHourAlarm], decode_hour(ram_[kHourAlarm]));
  const int minute = wanted(ram_[kMinuteAlarm], decode(ram_[kMinuteAlarm]));
  const int second = wanted(ram_[kSecondAlarm], decode(ram_[kSecondAlarm]));
  const auto matches = [](int want, int64_t value) { return want < 0 || want == value; };

  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;

  const Seconds start = after + 1;
  const Seconds midnight = floor_div(start, kSecondsPerDay) * kSecondsPerDay;
  // Skips what is over: at most 25 hours, 61 minutes and 61 seconds are looked at.
  for (Seconds h = floor_div(start, 3600) * 3600; h <= start + kSecondsPerDay; h += 3600) {
    if (!matches(hour, (h - midnight) / 3600 % 24)) continue;
    for (Seconds m = std::max(h, floor_div(start, 60) * 60); m < h + 3600; m += 60) {
      if (!matches(minute, (m - h) / 60)) continue;
      for (Seconds s = std::max(m, start); s < m + 60; ++s) {
        if (matches(second, s - m)) return s;
      }
    }
  }
  return std::nullopt;
}

nanoseconds RtcCmos::period() const {
  // Data sheet, table 5, for a time base of 32768 Hz.
  const unsigned rate = ram_[kRegisterA] & 0x0f;
  if (rate == 0) return nanoseconds(0);
  const unsigned shift = rate <= 2 ? rate + 6 : rate - 1;
  return nanoseconds((1'000'000'000ll << shift) / 32768);
}

void RtcCmos::catch_up() {
  const Seconds second = guest_seconds();
  if (!held_ && second > checked_second_) {
    flags_ |= kUpdateFlag;
    const auto alarm = next_alarm(checked_second_);
    if (alarm && *alarm <= second) flags_ |= kAlarmFlag;
  }
  checked_second_ = second;

  const nanoseconds now = clock_.monotonic();
  const nanoseconds step = period();
  if (step.count() != 0 && now - checked_period_ >= step) {
    flags_ |= kPeriodicFlag;
    checked_period_ += (now - checked_period_) / step * step;
  }

  const bool level = (flags_ & ram_[kRegisterB] & kInterruptFlags) != 0;
  if (level != irq_level_) {
    irq_level_ = level;
    irq_.set(level);
  }
  rearm();
}

void RtcCmos::rearm() {
  const auto delay = next_interrupt();
  if (delay) {
    timer_.arm(*delay);
  } else if (armed_) {
    timer_.disarm();
  }
  armed_ = delay.has_value();
}

std::optional<nanoseconds> RtcCmos::next_interrupt() const {
  const uint8_t enabled = ram_[kRegisterB] & kInterruptFlags;
  // While the guest has not acknowledged the last interrupt there is nothing to tell it.
  if (enabled == 0 || irq_level_) return std::nullopt;
  std::optional<nanoseconds> delay;
  const auto consider = [&delay](nanoseconds candidate) {
    delay = delay ? std::min(*delay, candidate) : candidate;
  };
  if (!held_) {
    const nanoseconds elapsed = since_second();
    const Seconds now = guest_seconds();
    if ((enabled & kUpdateFlag) != 0) consider(seconds(checked_second_ + 1 - now) - elapsed);
    if ((enabled & kAlarmFlag) != 0) {
      if (const auto alarm = next_alarm(checked_second_)) consider(seconds(*alarm - now) - elapsed);
    }
  }
  if ((enabled & kPeriodicFlag) != 0 && period().count() != 0) {
    consider(checked_period_ + period() - clock_.monotonic());
  }
  return delay;
}

}  // namespace lintel
