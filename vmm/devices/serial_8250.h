// SPDX-License-Identifier: Apache-2.0
// A 16550A serial port (National Semiconductor PC16550D data sheet; section numbers below are its).
//
// The line is infinitely fast: what the guest transmits is out before its write returns, so the
// transmitter is always empty. Input is never lost to an overrun: the port takes what it has room
// for and asks for the rest later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "vmm/base/sync.h"
#include "vmm/bus/device.h"
#include "vmm/devices/byte_sink.h"
#include "vmm/devices/serial_receiver.h"
#include "vmm/irq/irq.h"

namespace lintel {

class Serial8250 final : public Device, public ByteReceiver {
 public:
  static constexpr uint64_t kSize = 8;

  // Attaches itself to the console. Both must outlive the port.
  Serial8250(IrqLine& irq, ConsoleIo& console);
  ~Serial8250() override;
  Serial8250(const Serial8250&) = delete;
  Serial8250& operator=(const Serial8250&) = delete;

  std::string_view name() const override { return "serial-8250"; }
  uint64_t read(uint64_t offset, AccessSize size) override;
  void write(uint64_t offset, AccessSize size, uint64_t value) override;
  void reset() override;

  size_t receive(std::span<const std::byte> bytes) override;

 private:
  // Larger than the chip's 16 bytes: fewer interrupts and fewer turns of the console's loop, and no
  // guest can tell (it reads until "data ready" goes away).
  static constexpr size_t kReceiveCapacity = 64;
  static constexpr size_t kFifoDepth = 16;

  // Everything that a reset puts back.
  struct Registers {
    uint16_t divisor = 12;  // 9600 baud, what a PC's firmware leaves
    uint8_t interrupt_enable = 0;
    uint8_t fifo_control = 0;
    uint8_t line_control = 0;
    uint8_t modem_control = 0;
    uint8_t line_errors = 0;   // the sticky bits of LSR
    uint8_t modem_deltas = 0;  // MSR bits 0-3
    uint8_t scratch = 0;
    bool transmit_interrupt = false;  // "THR empty" happened and was not acknowledged
  };

  uint8_t read_register(uint64_t offset);
  // True if the byte is for the console.
  bool write_register(uint64_t offset, uint8_t value) REQUIRES(mutex_);
  void write_transmit_loopback(uint8_t value) REQUIRES(mutex_);
  void write_fifo_control(uint8_t value) REQUIRES(mutex_);
  void write_modem_control(uint8_t value) REQUIRES(mutex_);

  uint8_t read_received() REQUIRES(mutex_);
  uint8_t read_interrupt_id() REQUIRES(mutex_);
  uint8_t read_line_status() REQUIRES(mutex_);
  uint8_t read_modem_status() REQUIRES(mutex_);

  bool loopback() const REQUIRES(mutex_);
  bool divisor_access() const REQUIRES(mutex_);
  bool fifo_enabled() const REQUIRES(mutex_);
  bool listening() const REQUIRES(mutex_);
  // Without FIFOs the chip holds one byte; holding more is no less right (see kReceiveCapacity).
  size_t input_limit() const REQUIRES(mutex_) { return listening() ? kReceiveCapacity : 0; }
  size_t trigger_level() const REQUIRES(mutex_);
  uint8_t modem_lines() const REQUIRES(mutex_);
  uint8_t pending_interrupt() const REQUIRES(mutex_);
  void update_irq() REQUIRES(mutex_);

  IrqLine& irq_;
  ConsoleIo& console_;
  Mutex mutex_;
  Registers registers_ GUARDED_BY(mutex_);
  SerialReceiver<kReceiveCapacity> receiver_ GUARDED_BY(mutex_);
  bool irq_level_ GUARDED_BY(mutex_) = false;
};

}  // namespace lintel
