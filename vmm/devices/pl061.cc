// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/pl061.h"

namespace lintel {
namespace {

// Register offsets (table 3-1).
constexpr uint64_t kDataEnd = 0x400;  // GPIODATA is all below
constexpr uint64_t kDirection = 0x400;
constexpr uint64_t kLevelSense = 0x404;
constexpr uint64_t kBothEdges = 0x408;
constexpr uint64_t kEvent = 0x40c;
constexpr uint64_t kInterruptMask = 0x410;
constexpr uint64_t kRawStatus = 0x414;
constexpr uint64_t kMaskedStatus = 0x418;
constexpr uint64_t kInterruptClear = 0x41c;
constexpr uint64_t kAlternate = 0x420;

constexpr uint32_t kPeripheral = 0x00041061;  // part 061, designer ARM

// GPIODATA, 3.3.1: address bits 9 to 2 choose the pins that an access reads or writes.
constexpr uint8_t data_mask(uint64_t offset) {
  return static_cast<uint8_t>(offset >> 2);
}

constexpr uint8_t without(uint8_t value, uint8_t bits) {
  return static_cast<uint8_t>(value & ~bits);
}

}  // namespace

Pl061::Pl061(IrqLine& irq, Timer& timer) : irq_(irq), timer_(timer) {
  timer_.on_expiry([this] {
    MutexLock lock(mutex_);
    set_inputs(without(inputs_, 1 << kPowerPin));
  });
}

Pl061::~Pl061() {
  timer_.on_expiry(nullptr);
}

uint64_t Pl061::read(uint64_t offset, AccessSize size) {
  return prime_cell::read_words(offset, size, [this](uint64_t at) {
    MutexLock lock(mutex_);
    return read_register(at);
  });
}

void Pl061::write(uint64_t offset, AccessSize size, uint64_t value) {
  prime_cell::write_words(offset, size, value, [this](uint64_t at, uint32_t word) {
    MutexLock lock(mutex_);
    write_register(at, word);
  });
}

void Pl061::reset() {
  MutexLock lock(mutex_);
  registers_ = Registers{};
  update_irq();
}

void Pl061::press() {
  MutexLock lock(mutex_);
  set_inputs(inputs_ | 1 << kPowerPin);
  timer_.arm(kPress);
}

uint32_t Pl061::read_register(uint64_t offset) {
  const Registers& r = registers_;
  if (offset < kDataEnd) return pins() & data_mask(offset);
  switch (offset) {
    case kDirection: return r.direction;
    case kLevelSense: return r.level_sense;
    case kBothEdges: return r.both_edges;
    case kEvent: return r.event;
    case kInterruptMask: return r.enabled;
    case kRawStatus: return raw_interrupts();
    case kMaskedStatus: return raw_interrupts() & r.enabled;
    case kAlternate: return r.alternate;
    default:
      return offset >= prime_cell::kPeripheralId ? prime_cell::read_id(offset, kPeripheral) : 0;
  }
}

void Pl061::write_register(uint64_t offset, uint32_t value) {
  Registers& r = registers_;
  const auto byte = static_cast<uint8_t>(value);
  if (offset < kDataEnd) {
    // Only outputs take the value; what is meant for an input is lost.
    const uint8_t mask = data_mask(offset) & r.direction;
    r.output = without(r.output, mask) | (byte & mask);
    return;
  }
  switch (offset) {
    case kDirection: r.direction = byte; break;
    case kLevelSense:
      r.level_sense = byte;
      r.edges = without(r.edges, byte);
      break;
    case kBothEdges: r.both_edges = byte; break;
    case kEvent: r.event = byte; break;
    case kInterruptMask: r.enabled = byte; break;
    case kInterruptClear: r.edges = without(r.edges, byte); break;  // no effect on levels (3.3.9)
    case kAlternate: r.alternate = byte; break;
    default: break;
  }
  update_irq();
}

void Pl061::set_inputs(uint8_t inputs) {
  Registers& r = registers_;
  const uint8_t changed = without(inputs_ ^ inputs, r.direction);
  // Rises where GPIOIEV has a one, falls where it has a zero, or both (3.3.4, 3.3.5).
  const uint8_t wanted = r.both_edges | static_cast<uint8_t>(~(inputs ^ r.event));
  r.edges |= without(changed & wanted, r.level_sense);
  inputs_ = inputs;
  update_irq();
}

uint8_t Pl061::pins() const {
  const Registers& r = registers_;
  return without(inputs_, r.direction) | (r.output & r.direction);
}

uint8_t Pl061::raw_interrupts() const {
  const Registers& r = registers_;
  const auto levels = static_cast<uint8_t>(~(inputs_ ^ r.event));
  return r.edges | without(levels & r.level_sense, r.direction);
}

void Pl061::update_irq() {
  const bool level = (raw_interrupts() & registers_.enabled) != 0;
  if (level == irq_level_) return;
  irq_level_ = level;
  irq_.set(level);
}

}  // namespace lintel
