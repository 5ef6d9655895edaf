// SPDX-License-Identifier: Apache-2.0
// ARM's eight general-purpose pins, the PrimeCell GPIO PL061 (ARM DDI 0190; section numbers below
// are its), with a power button on one of them and nothing on the others, which read low.
#pragma once

#include <chrono>
#include <cstdint>

#include "vmm/base/sync.h"
#include "vmm/base/timer.h"
#include "vmm/bus/device.h"
#include "vmm/devices/prime_cell.h"
#include "vmm/irq/irq.h"

namespace lintel {

class Pl061 final : public Device {
 public:
  static constexpr uint64_t kSize = prime_cell::kSize;
  // Where the "virt" platform has its button: KEY_POWER of "gpio-keys", active high.
  static constexpr unsigned kPowerPin = 3;
  // How long a press holds the button down. Drivers look at the pin again some milliseconds after
  // its edge, lest a bouncing contact counts twice; a shorter press would be none to them.
  static constexpr std::chrono::milliseconds kPress{100};

  // Both must outlive the device. `irq` is a level input: GPIOINTR. `timer` lets the button go.
  Pl061(IrqLine& irq, Timer& timer);
  ~Pl061() override;
  Pl061(const Pl061&) = delete;
  Pl061& operator=(const Pl061&) = delete;

  std::string_view name() const override { return "pl061"; }
  uint64_t read(uint64_t offset, AccessSize size) override;
  void write(uint64_t offset, AccessSize size, uint64_t value) override;
  // The button is not the chip's: one that is down stays down.
  void reset() override;

  // Somebody presses the power button; one that is down is held for longer. Threads: any.
  void press();

 private:
  // Everything that a reset puts back (table 3-1): a bit for each pin.
  struct Registers {
    uint8_t output = 0;     // what was written to GPIODATA
    uint8_t direction = 0;  // ones are outputs
    uint8_t level_sense = 0;
    uint8_t both_edges = 0;
    uint8_t event = 0;  // ones: high level or rising edge
    uint8_t enabled = 0;
    uint8_t alternate = 0;  // GPIOAFSEL; nothing is behind it
    uint8_t edges = 0;      // edges that were seen and not cleared
  };

  uint32_t read_register(uint64_t offset) REQUIRES(mutex_);
  void write_register(uint64_t offset, uint32_t value) REQUIRES(mutex_);
  void set_inputs(uint8_t inputs) REQUIRES(mutex_);
  uint8_t pins() const REQUIRES(mutex_);
  uint8_t raw_interrupts() const REQUIRES(mutex_);
  void update_irq() REQUIRES(mutex_);

  IrqLine& irq_;
  Timer& timer_;
  Mutex mutex_;
  Registers registers_ GUARDED_BY(mutex_);
  uint8_t inputs_ GUARDED_BY(mutex_) = 0;  // as the outside drives them
  bool irq_level_ GUARDED_BY(mutex_) = false;
};

}  // namespace lintel
