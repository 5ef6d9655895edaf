// SPDX-License-Identifier: Apache-2.0
// ARM's serial port, the PrimeCell UART PL011 (ARM DDI 0183; section numbers below are its).
//
// The line is infinitely fast, in both directions: what the guest transmits is out before its write
// returns, and a pause on the line is over as soon as it begins. Input is never lost to an overrun:
// the port takes what it has room for and asks for the rest later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "vmm/base/sync.h"
#include "vmm/bus/device.h"
#include "vmm/devices/byte_sink.h"
#include "vmm/devices/prime_cell.h"
#include "vmm/devices/serial_receiver.h"
#include "vmm/irq/irq.h"

namespace lintel {

class Pl011 final : public Device, public ByteReceiver {
 public:
  static constexpr uint64_t kSize = prime_cell::kSize;

  // Attaches itself to the console. Both must outlive the port. `irq` is a level input: UARTINTR.
  Pl011(IrqLine& irq, ConsoleIo& console);
  ~Pl011() override;
  Pl011(const Pl011&) = delete;
  Pl011& operator=(const Pl011&) = delete;

  std::string_view name() const override { return "pl011"; }
  uint64_t read(uint64_t offset, AccessSize size) override;
  void write(uint64_t offset, AccessSize size, uint64_t value) override;
  void reset() override;

  size_t receive(std::span<const std::byte> bytes) override;

 private:
  // That of the revision which the identification registers tell of (drivers know the depth by it).
  static constexpr size_t kFifoDepth = 16;

  // Everything that a reset puts back; values of table 3-1.
  struct Registers {
    uint16_t irda_divisor = 0;
    uint16_t integer_divisor = 0;
    uint16_t fractional_divisor = 0;
    uint16_t line_control = 0;
    uint16_t control = 0x300;
    uint16_t fifo_levels = 0x12;
    uint16_t interrupt_mask = 0;
    uint16_t dma_control = 0;
    uint16_t latched = 0;  // raw interrupts that stay until cleared
    bool overrun = false;  // UARTRSR
  };

  uint32_t read_register(uint64_t offset);
  uint32_t register_value(uint64_t offset) REQUIRES(mutex_);
  void write_register(uint64_t offset, uint32_t value);
  // True if the byte is for the console.
  bool write_data(uint8_t value) REQUIRES(mutex_);
  void write_control_register(uint64_t offset, uint16_t value) REQUIRES(mutex_);
  void write_line_control(uint16_t value) REQUIRES(mutex_);
  void write_control(uint16_t value) REQUIRES(mutex_);

  uint16_t read_data() REQUIRES(mutex_);
  uint16_t read_flags() REQUIRES(mutex_);

  bool loopback() const REQUIRES(mutex_);
  bool listening() const REQUIRES(mutex_);
  size_t depth() const REQUIRES(mutex_);
  size_t input_limit() const REQUIRES(mutex_) { return listening() ? depth() : 0; }
  size_t trigger_level() const REQUIRES(mutex_);
  uint16_t modem_lines() const REQUIRES(mutex_);
  uint16_t raw_interrupts() const REQUIRES(mutex_);
  void latch_received() REQUIRES(mutex_);
  void update_irq() REQUIRES(mutex_);

  IrqLine& irq_;
  ConsoleIo& console_;
  Mutex mutex_;
  Registers registers_ GUARDED_BY(mutex_);
  SerialReceiver<kFifoDepth> receiver_ GUARDED_BY(mutex_);
  bool irq_level_ GUARDED_BY(mutex_) = false;
};

}  // namespace lintel
