// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/pl031.h"

namespace lintel {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

// Register offsets (table 3-1).
constexpr uint64_t kData = 0x00;
constexpr uint64_t kMatch = 0x04;
constexpr uint64_t kLoad = 0x08;
constexpr uint64_t kControl = 0x0c;
constexpr uint64_t kInterruptMask = 0x10;
constexpr uint64_t kRawStatus = 0x14;
constexpr uint64_t kMaskedStatus = 0x18;
constexpr uint64_t kInterruptClear = 0x1c;

constexpr uint32_t kPeripheral = 0x00041031;  // part 031, designer ARM

// RTCCR, 3.3.4: once started the counter runs until power-on reset. Ours was started by the
// factory, as a clock that tells the time has to be.
constexpr uint32_t kStarted = 1;

}  // namespace

Pl031::Pl031(const Clock& clock, Timer& timer, IrqLine& irq)
    : clock_(clock), timer_(timer), irq_(irq) {
  checked_ = host_seconds();
  timer_.on_expiry([this] {
    MutexLock lock(mutex_);
    catch_up();
  });
}

Pl031::~Pl031() {
  timer_.on_expiry(nullptr);
}

uint64_t Pl031::read(uint64_t offset, AccessSize size) {
  return prime_cell::read_words(offset, size, [this](uint64_t at) {
    MutexLock lock(mutex_);
    return read_register(at);
  });
}

void Pl031::write(uint64_t offset, AccessSize size, uint64_t value) {
  prime_cell::write_words(offset, size, value, [this](uint64_t at, uint32_t word) {
    MutexLock lock(mutex_);
    write_register(at, word);
  });
}

void Pl031::reset() {
  MutexLock lock(mutex_);
  match_ = 0;
  load_ = 0;
  enabled_ = false;
  pending_ = false;
  checked_ = host_seconds();
  update();
}

uint32_t Pl031::read_register(uint64_t offset) {
  switch (offset) {
    case kData: return counter_at(host_seconds());
    case kMatch: return match_;
    case kLoad: return load_;
    case kControl: return kStarted;
    case kInterruptMask: return enabled_ ? 1 : 0;
    case kRawStatus: catch_up(); return pending_ ? 1 : 0;
    case kMaskedStatus: catch_up(); return pending_ && enabled_ ? 1 : 0;
    default:
      return offset >= prime_cell::kPeripheralId ? prime_cell::read_id(offset, kPeripheral) : 0;
  }
}

void Pl031::write_register(uint64_t offset, uint32_t value) {
  catch_up();
  switch (offset) {
    case kMatch:
      match_ = value;
      start_matching();
      break;
    case kLoad:
      load_ = value;
      offset_ = value - static_cast<uint32_t>(checked_);
      start_matching();
      break;
    case kInterruptMask: enabled_ = (value & 1) != 0; break;
    case kInterruptClear:
      if ((value & 1) != 0) pending_ = false;
      break;
    default: break;
  }
  update();
}

int64_t Pl031::host_seconds() const {
  return std::chrono::floor<seconds>(clock_.realtime()).count();
}

uint32_t Pl031::counter_at(int64_t host_seconds) const {
  return static_cast<uint32_t>(host_seconds) + offset_;
}

int64_t Pl031::until_match(int64_t host_seconds) const {
  const uint32_t distance = match_ - counter_at(host_seconds);
  return distance == 0 ? int64_t{1} << 32 : int64_t{distance};
}

void Pl031::start_matching() {
  if (counter_at(checked_) == match_) pending_ = true;
}

void Pl031::catch_up() {
  const int64_t now = host_seconds();
  // Where the host's clock went back there is nothing to note: the seconds come again.
  if (now - checked_ >= until_match(checked_)) pending_ = true;
  checked_ = now;
  update();
}

void Pl031::update() {
  const bool level = pending_ && enabled_;
  if (level != irq_level_) {
    irq_level_ = level;
    irq_.set(level);
  }
  // While the guest has not acknowledged the last alarm there is nothing to tell it.
  if (enabled_ && !pending_) {
    const nanoseconds into_second = clock_.realtime() - seconds(checked_);
    // At most 2^32 seconds, which fits in nanoseconds.
    timer_.arm(seconds(until_match(checked_)) - into_second);
    armed_ = true;
  } else if (armed_) {
    timer_.disarm();
    armed_ = false;
  }
}

}  // namespace lintel
