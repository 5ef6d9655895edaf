// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/serial_8250.h"

#include <algorithm>
#include <array>

#include "vmm/devices/byte_access.h"

namespace lintel {
namespace {

// Register offsets (table II). With DLAB set, 0 and 1 are the divisor latch.
constexpr uint64_t kData = 0;
constexpr uint64_t kInterruptEnable = 1;
constexpr uint64_t kInterruptId = 2;  // on writes: FIFO control
constexpr uint64_t kLineControl = 3;
constexpr uint64_t kModemControl = 4;
constexpr uint64_t kLineStatus = 5;
constexpr uint64_t kModemStatus = 6;
constexpr uint64_t kScratch = 7;

// IER (8.6)
constexpr uint8_t kIerReceived = 0x01;
constexpr uint8_t kIerTransmit = 0x02;
constexpr uint8_t kIerLineStatus = 0x04;
constexpr uint8_t kIerModemStatus = 0x08;
constexpr uint8_t kIerMask = 0x0f;

// IIR (8.5), highest priority first
constexpr uint8_t kIirLineStatus = 0x06;
constexpr uint8_t kIirReceived = 0x04;
constexpr uint8_t kIirTimeout = 0x0c;
constexpr uint8_t kIirTransmit = 0x02;
constexpr uint8_t kIirModemStatus = 0x00;
constexpr uint8_t kIirNone = 0x01;
constexpr uint8_t kIirFifoEnabled = 0xc0;

// FCR (8.4)
constexpr uint8_t kFcrEnable = 0x01;
constexpr uint8_t kFcrClearReceive = 0x02;
constexpr uint8_t kFcrTriggerShift = 6;

constexpr uint8_t kLcrDivisorAccess = 0x80;  // LCR (8.1)

// MCR (8.7)
constexpr uint8_t kMcrDtr = 0x01;
constexpr uint8_t kMcrRts = 0x02;
constexpr uint8_t kMcrOut1 = 0x04;
constexpr uint8_t kMcrOut2 = 0x08;
constexpr uint8_t kMcrLoopback = 0x10;
constexpr uint8_t kMcrMask = 0x1f;

// LSR (8.3)
constexpr uint8_t kLsrDataReady = 0x01;
constexpr uint8_t kLsrOverrun = 0x02;
constexpr uint8_t kLsrTransmitEmpty = 0x60;  // THRE and TEMT

// MSR (8.8)
constexpr uint8_t kMsrCts = 0x10;
constexpr uint8_t kMsrDsr = 0x20;
constexpr uint8_t kMsrRing = 0x40;
constexpr uint8_t kMsrCarrier = 0x80;
constexpr uint8_t kMsrRingDelta = 0x04;

}  // namespace

Serial8250::Serial8250(IrqLine& irq, ConsoleIo& console) : irq_(irq), console_(console) {
  console_.attach(this);
}

Serial8250::~Serial8250() {
  console_.attach(nullptr);
}

uint64_t Serial8250::read(uint64_t offset, AccessSize size) {
  return read_by_bytes(offset, size, [this](uint64_t at) { return read_register(at); });
}

void Serial8250::write(uint64_t offset, AccessSize size, uint64_t value) {
  write_by_bytes(offset, size, value, [this](uint64_t at, uint8_t byte) {
    bool transmit = false;
    bool wants_input = false;
    {
      MutexLock lock(mutex_);
      transmit = write_register(at, byte);
      wants_input = receiver_.claim_refused(input_limit());
      if (!transmit) update_irq();
    }
    // Without the lock, for the console may be slow. The interrupt comes after the output, so that
    // what the guest took for sent is sent.
    if (transmit) {
      console_.output({reinterpret_cast<const std::byte*>(&byte), 1});
      MutexLock lock(mutex_);
      registers_.transmit_interrupt = true;
      update_irq();
    }
    if (wants_input) console_.input_room();
  });
}

void Serial8250::reset() {
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

size_t Serial8250::receive(std::span<const std::byte> bytes) {
  MutexLock lock(mutex_);
  const size_t taken = receiver_.take(bytes, input_limit());
  update_irq();
  return taken;
}

uint8_t Serial8250::read_register(uint64_t offset) {
  uint8_t value = 0;
  bool wants_input = false;
  {
    MutexLock lock(mutex_);
    if (offset != kLineStatus && offset != kModemStatus) receiver_.not_polled();
    switch (offset) {
      case kData:
        value = divisor_access() ? static_cast<uint8_t>(registers_.divisor) : read_received();
        break;
      case kInterruptEnable:
        value = divisor_access() ? static_cast<uint8_t>(registers_.divisor >> 8)
                                 : registers_.interrupt_enable;
        break;
      case kInterruptId: value = read_interrupt_id(); break;
      case kLineControl: value = registers_.line_control; break;
      case kModemControl: value = registers_.modem_control; break;
      case kLineStatus: value = read_line_status(); break;
      case kModemStatus: value = read_modem_status(); break;
      case kScratch: value = registers_.scratch; break;
      default: value = 0xff; break;
    }
    update_irq();
    wants_input = receiver_.claim_refused(input_limit());
  }
  if (wants_input) console_.input_room();
  return value;
}

bool Serial8250::write_register(uint64_t offset, uint8_t value) {
  receiver_.not_polled();
  switch (offset) {
    case kData:
      if (divisor_access()) {
        registers_.divisor = static_cast<uint16_t>((registers_.divisor & 0xff00) | value);
        return false;
      }
      registers_.transmit_interrupt = false;  // table IV: writing THR resets it
      if (!loopback()) return true;
      write_transmit_loopback(value);
      return false;
    case kInterruptEnable:
      if (divisor_access()) {
        registers_.divisor = static_cast<uint16_t>((registers_.divisor & 0xff) | (value << 8));
        return false;
      }
      // Enabling the interrupt while THR is empty raises it, which drivers start sending by.
      if ((value & ~registers_.interrupt_enable & kIerTransmit) != 0) {
        registers_.transmit_interrupt = true;
      }
      registers_.interrupt_enable = value & kIerMask;
      return false;
    case kInterruptId: write_fifo_control(value); return false;
    case kLineControl: registers_.line_control = value; return false;
    case kModemControl: write_modem_control(value); return false;
    case kScratch: registers_.scratch = value; return false;
    default: return false;  // LSR and MSR: writes are for factory tests (8.3, 8.8)
  }
}

void Serial8250::write_transmit_loopback(uint8_t value) {
  const size_t depth = fifo_enabled() ? kFifoDepth : 1;
  if (receiver_.size() >= depth) {
    registers_.line_errors |= kLsrOverrun;
    // The FIFO keeps what it has, a lone register is overwritten (8.3, bit 1).
    if (!fifo_enabled()) {
      receiver_.clear();
      receiver_.push(value);
    }
  } else {
    receiver_.push(value);
  }
  registers_.transmit_interrupt = true;
}

void Serial8250::write_fifo_control(uint8_t value) {
  const bool toggled = ((value ^ registers_.fifo_control) & kFcrEnable) != 0;
  if (toggled || ((value & kFcrEnable) != 0 && (value & kFcrClearReceive) != 0)) {
    receiver_.clear();
  }
  // Bit 0 must be set for the others to be programmed (8.4).
  registers_.fifo_control = (value & kFcrEnable) != 0 ? value & 0xc9 : 0;
}

void Serial8250::write_modem_control(uint8_t value) {
  const uint8_t before = modem_lines();
  const bool was_loopback = loopback();
  registers_.modem_control = value & kMcrMask;
  const uint8_t after = modem_lines();
  // Entering and leaving loopback switches the inputs over, which is no edge on a line.
  if (was_loopback != loopback()) return;
  const uint8_t changed = before ^ after;
  registers_.modem_deltas |= (changed & (kMsrCts | kMsrDsr | kMsrCarrier)) >> 4;
  // Ring reports its trailing edge only (8.8, bit 2).
  if ((changed & before & kMsrRing) != 0) registers_.modem_deltas |= kMsrRingDelta;
}

uint8_t Serial8250::read_received() {
  return receiver_.empty() ? 0 : receiver_.pop();
}

uint8_t Serial8250::read_interrupt_id() {
  const uint8_t pending = pending_interrupt();
  if (pending == kIirTransmit) registers_.transmit_interrupt = false;  // table IV
  return pending | (fifo_enabled() ? kIirFifoEnabled : 0);
}

uint8_t Serial8250::read_line_status() {
  uint8_t value = kLsrTransmitEmpty | registers_.line_errors;
  registers_.line_errors = 0;
  if (!receiver_.empty()) {
    value |= kLsrDataReady;
  } else {
    receiver_.polled_in_vain();
  }
  return value;
}

uint8_t Serial8250::read_modem_status() {
  const uint8_t value = modem_lines() | registers_.modem_deltas;
  registers_.modem_deltas = 0;
  return value;
}

bool Serial8250::loopback() const {
  return (registers_.modem_control & kMcrLoopback) != 0;
}

bool Serial8250::divisor_access() const {
  return (registers_.line_control & kLcrDivisorAccess) != 0;
}

bool Serial8250::fifo_enabled() const {
  return (registers_.fifo_control & kFcrEnable) != 0;
}

// Whether the guest waits for input, by interrupt or by polling the line status: see
// serial_receiver.h. In loopback mode the receiver is cut off from the line (8.7, bit 4).
bool Serial8250::listening() const {
  return !loopback() &&
         ((registers_.interrupt_enable & kIerReceived) != 0 || receiver_.is_polled());
}

size_t Serial8250::trigger_level() const {
  constexpr std::array<size_t, 4> kLevels = {1, 4, 8, 14};
  return kLevels[registers_.fifo_control >> kFcrTriggerShift];
}

uint8_t Serial8250::modem_lines() const {
  // A peer that is always there and ready.
  if (!loopback()) return kMsrCts | kMsrDsr | kMsrCarrier;
  const uint8_t control = registers_.modem_control;
  uint8_t lines = 0;
  if ((control & kMcrRts) != 0) lines |= kMsrCts;
  if ((control & kMcrDtr) != 0) lines |= kMsrDsr;
  if ((control & kMcrOut1) != 0) lines |= kMsrRing;
  if ((control & kMcrOut2) != 0) lines |= kMsrCarrier;
  return lines;
}

uint8_t Serial8250::pending_interrupt() const {
  const Registers& r = registers_;
  const uint8_t enabled = r.interrupt_enable;
  if ((enabled & kIerLineStatus) != 0 && r.line_errors != 0) return kIirLineStatus;
  if ((enabled & kIerReceived) != 0 && !receiver_.empty()) {
    // Below the trigger the chip waits for four character times of silence. The line is infinitely
    // fast, so they have passed.
    const bool reached = !fifo_enabled() || receiver_.size() >= trigger_level();
    return reached ? kIirReceived : kIirTimeout;
  }
  if ((enabled & kIerTransmit) != 0 && r.transmit_interrupt) return kIirTransmit;
  if ((enabled & kIerModemStatus) != 0 && r.modem_deltas != 0) return kIirModemStatus;
  return kIirNone;
}

void Serial8250::update_irq() {
  const bool level = pending_interrupt() != kIirNone;
  if (level == irq_level_) return;
  irq_level_ = level;
  irq_.set(level);
}

}  // namespace lintel
