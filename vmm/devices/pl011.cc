// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/pl011.h"

#include <algorithm>
#include <array>

namespace lintel {
namespace {

// Register offsets (table 3-1).
constexpr uint64_t kData = 0x000;           // UARTDR
constexpr uint64_t kReceiveStatus = 0x004;  // UARTRSR; on writes UARTECR, error clear
constexpr uint64_t kFlags = 0x018;          // UARTFR
constexpr uint64_t kIrdaDivisor = 0x020;    // UARTILPR
constexpr uint64_t kIntegerDivisor = 0x024;
constexpr uint64_t kFractionalDivisor = 0x028;
constexpr uint64_t kLineControl = 0x02c;  // UARTLCR_H
constexpr uint64_t kControl = 0x030;
constexpr uint64_t kFifoLevels = 0x034;
constexpr uint64_t kInterruptMask = 0x038;
constexpr uint64_t kRawStatus = 0x03c;
constexpr uint64_t kMaskedStatus = 0x040;
constexpr uint64_t kInterruptClear = 0x044;
constexpr uint64_t kDmaControl = 0x048;

// Part 011, designer ARM, revision 1: a FIFO of 16 (3.3.15). Drivers expect 32 from revision 3 on.
constexpr uint32_t kPeripheral = 0x00141011;

constexpr uint16_t kStatusOverrun = 1 << 3;  // UARTRSR, 3.3.2

// UARTFR, 3.3.3
constexpr uint16_t kFlagCts = 1 << 0;
constexpr uint16_t kFlagDsr = 1 << 1;
constexpr uint16_t kFlagDcd = 1 << 2;
constexpr uint16_t kFlagReceiveEmpty = 1 << 4;
constexpr uint16_t kFlagReceiveFull = 1 << 6;
constexpr uint16_t kFlagTransmitEmpty = 1 << 7;
constexpr uint16_t kFlagRing = 1 << 8;

constexpr uint16_t kLineFifoEnable = 1 << 4;  // UARTLCR_H, 3.3.7

// UARTCR, 3.3.8
constexpr uint16_t kControlEnable = 1 << 0;
constexpr uint16_t kControlLoopback = 1 << 7;
constexpr uint16_t kControlReceive = 1 << 9;
constexpr uint16_t kControlDtr = 1 << 10;
constexpr uint16_t kControlRts = 1 << 11;
constexpr uint16_t kControlOut1 = 1 << 12;
constexpr uint16_t kControlOut2 = 1 << 13;
constexpr uint16_t kControlMask = 0xff87;

// Interrupts, 3.3.10 to 3.3.13
constexpr uint16_t kIntRing = 1 << 0;
constexpr uint16_t kIntCts = 1 << 1;
constexpr uint16_t kIntDcd = 1 << 2;
constexpr uint16_t kIntDsr = 1 << 3;
constexpr uint16_t kIntReceive = 1 << 4;
constexpr uint16_t kIntTransmit = 1 << 5;
constexpr uint16_t kIntTimeout = 1 << 6;
constexpr uint16_t kIntOverrun = 1 << 10;
constexpr uint16_t kIntAll = 0x7ff;

}  // namespace

Pl011::Pl011(IrqLine& irq, ConsoleIo& console) : irq_(irq), console_(console) {
  console_.attach(this);
}

Pl011::~Pl011() {
  console_.attach(nullptr);
}

uint64_t Pl011::read(uint64_t offset, AccessSize size) {
  return prime_cell::read_words(offset, size, [this](uint64_t at) { return read_register(at); });
}

void Pl011::write(uint64_t offset, AccessSize size, uint64_t value) {
  prime_cell::write_words(offset, size, value,
                          [this](uint64_t at, uint32_t word) { write_register(at, word); });
}

void Pl011::reset() {
  bool wants_input = false;
  {
    MutexLock lock(mutex_);
    registers_ = Registers{};
    receiver_.reset();
    update_irq();
    wants_input = receiver_.claim_refused(input_limit());
  }
  if (wants_input) console_.input_room();
}

size_t Pl011::receive(std::span<const std::byte> bytes) {
  MutexLock lock(mutex_);
  const size_t taken = receiver_.take(bytes, input_limit());
  if (taken != 0) latch_received();
  update_irq();
  return taken;
}

uint32_t Pl011::read_register(uint64_t offset) {
  uint32_t value = 0;
  bool wants_input = false;
  {
    MutexLock lock(mutex_);
    if (offset != kFlags) receiver_.not_polled();
    value = register_value(offset);
    update_irq();
    wants_input = receiver_.claim_refused(input_limit());
  }
  if (wants_input) console_.input_room();
  return value;
}

uint32_t Pl011::register_value(uint64_t offset) {
  switch (offset) {
    case kData: return read_data();
    case kReceiveStatus: return registers_.overrun ? kStatusOverrun : 0;
    case kFlags: return read_flags();
    case kIrdaDivisor: return registers_.irda_divisor;
    case kIntegerDivisor: return registers_.integer_divisor;
    case kFractionalDivisor: return registers_.fractional_divisor;
    case kLineControl: return registers_.line_control;
    case kControl: return registers_.control;
    case kFifoLevels: return registers_.fifo_levels;
    case kInterruptMask: return registers_.interrupt_mask;
    case kRawStatus: return raw_interrupts();
    case kMaskedStatus: return raw_interrupts() & registers_.interrupt_mask;
    case kDmaControl: return registers_.dma_control;
    default:
      return offset >= prime_cell::kPeripheralId ? prime_cell::read_id(offset, kPeripheral) : 0;
  }
}

void Pl011::write_register(uint64_t offset, uint32_t value) {
  const auto byte = static_cast<uint8_t>(value);
  bool transmit = false;
  bool wants_input = false;
  {
    MutexLock lock(mutex_);
    receiver_.not_polled();
    if (offset == kData) {
      transmit = write_data(byte);
    } else {
      write_control_register(offset, static_cast<uint16_t>(value));
    }
    wants_input = receiver_.claim_refused(input_limit());
    if (!transmit) update_irq();
  }
  // Without the lock, for the console may be slow. The interrupt comes after the output, so that
  // what the guest took for sent is sent.
  if (transmit) {
    console_.output({reinterpret_cast<const std::byte*>(&byte), 1});
    MutexLock lock(mutex_);
    registers_.latched |= kIntTransmit;
    update_irq();
  }
  if (wants_input) console_.input_room();
}

// Whether the port and its transmitter are enabled is not asked: early consoles print before anyone
// has set the port up, and rely on firmware that did.
bool Pl011::write_data(uint8_t value) {
  registers_.latched &= static_cast<uint16_t>(~kIntTransmit);
  if (!loopback()) return true;
  if (receiver_.size() >= depth()) {
    // The FIFO keeps what it has (3.3.1, OE).
    registers_.overrun = true;
    registers_.latched |= kIntOverrun;
  } else {
    receiver_.push(value);
    latch_received();
  }
  registers_.latched |= kIntTransmit;
  return false;
}

void Pl011::write_control_register(uint64_t offset, uint16_t value) {
  Registers& r = registers_;
  switch (offset) {
    case kReceiveStatus: r.overrun = false; break;  // whatever the value (3.3.2)
    case kIrdaDivisor: r.irda_divisor = value & 0xff; break;
    case kIntegerDivisor: r.integer_divisor = value; break;
    case kFractionalDivisor: r.fractional_divisor = value & 0x3f; break;
    case kLineControl: write_line_control(value); break;
    case kControl: write_control(value); break;
    case kFifoLevels: r.fifo_levels = value & 0x3f; break;
    case kInterruptMask: r.interrupt_mask = value & kIntAll; break;
    case kInterruptClear: r.latched &= static_cast<uint16_t>(~value); break;
    case kDmaControl: r.dma_control = value & 0x7; break;  // nothing is behind it
    default: break;
  }
}

void Pl011::write_line_control(uint16_t value) {
  // Switching the FIFOs off is how drivers flush them (3.3.8, programming the control registers).
  if ((registers_.line_control & ~value & kLineFifoEnable) != 0) {
    receiver_.clear();
    registers_.latched &= static_cast<uint16_t>(~kIntReceive);
  }
  registers_.line_control = value & 0xff;
}

void Pl011::write_control(uint16_t value) {
  const uint16_t before = modem_lines();
  const bool was_loopback = loopback();
  registers_.control = value & kControlMask;
  // Entering and leaving loopback switches the inputs over, which is no edge on a line.
  if (was_loopback != loopback()) return;
  const uint16_t changed = before ^ modem_lines();
  if ((changed & kFlagRing) != 0) registers_.latched |= kIntRing;
  if ((changed & kFlagCts) != 0) registers_.latched |= kIntCts;
  if ((changed & kFlagDcd) != 0) registers_.latched |= kIntDcd;
  if ((changed & kFlagDsr) != 0) registers_.latched |= kIntDsr;
}

uint16_t Pl011::read_data() {
  Registers& r = registers_;
  if (receiver_.empty()) return 0;
  const uint8_t value = receiver_.pop();
  if (receiver_.size() < trigger_level()) r.latched &= static_cast<uint16_t>(~kIntReceive);
  return value;
}

uint16_t Pl011::read_flags() {
  uint16_t value = kFlagTransmitEmpty | modem_lines();
  if (receiver_.empty()) {
    value |= kFlagReceiveEmpty;
    receiver_.polled_in_vain();
  }
  if (receiver_.size() >= depth()) value |= kFlagReceiveFull;
  return value;
}

bool Pl011::loopback() const {
  return (registers_.control & kControlLoopback) != 0;
}

// Whether the guest waits for input, by interrupt or by polling the flags: see serial_receiver.h.
// In loopback mode the receiver is cut off from the line (3.3.8, LBE).
bool Pl011::listening() const {
  constexpr uint16_t kOn = kControlEnable | kControlReceive;
  const Registers& r = registers_;
  return (r.control & kOn) == kOn && !loopback() &&
         ((r.interrupt_mask & (kIntReceive | kIntTimeout)) != 0 || receiver_.is_polled());
}

size_t Pl011::depth() const {
  return (registers_.line_control & kLineFifoEnable) != 0 ? kFifoDepth : 1;
}

size_t Pl011::trigger_level() const {
  // UARTIFLS, 3.3.9: eighths of the FIFO; the last three are reserved.
  constexpr std::array<size_t, 8> kEighths = {1, 2, 4, 6, 7, 7, 7, 7};
  return std::max<size_t>(depth() * kEighths[registers_.fifo_levels >> 3] / 8, 1);
}

uint16_t Pl011::modem_lines() const {
  // A peer that is always there and ready.
  if (!loopback()) return kFlagCts | kFlagDsr | kFlagDcd;
  const uint16_t control = registers_.control;
  uint16_t lines = 0;
  if ((control & kControlRts) != 0) lines |= kFlagCts;
  if ((control & kControlDtr) != 0) lines |= kFlagDsr;
  if ((control & kControlOut1) != 0) lines |= kFlagDcd;
  if ((control & kControlOut2) != 0) lines |= kFlagRing;
  return lines;
}

// The receive timeout follows the FIFO: a guest that clears it while there is input gets it again,
// as a pause on the line follows at once. So no order of reading and clearing loses an interrupt.
uint16_t Pl011::raw_interrupts() const {
  return registers_.latched | (!receiver_.empty() ? kIntTimeout : 0);
}

void Pl011::latch_received() {
  if (receiver_.size() >= trigger_level()) registers_.latched |= kIntReceive;
}

void Pl011::update_irq() {
  const bool level = (raw_interrupts() & registers_.interrupt_mask) != 0;
  if (level == irq_level_) return;
  irq_level_ = level;
  irq_.set(level);
}

}  // namespace lintel
