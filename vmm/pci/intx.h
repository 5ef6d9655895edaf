// SPDX-License-Identifier: Apache-2.0
// The INTx wires (PCI Local Bus 3.0, 2.2.6): functions share interrupt controller inputs, whose
// level is the OR of theirs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "vmm/base/sync.h"
#include "vmm/irq/irq.h"

namespace lintel::pci {

// Pins as the Interrupt Pin register numbers them (PCI Local Bus 3.0, 6.2.4).
enum class Pin : uint8_t { kNone = 0, kA = 1, kB = 2, kC = 3, kD = 4 };

// The pin of the bridge's primary side that a device's pin arrives at (PCI-to-PCI Bridge 1.2, 9.1).
constexpr Pin swizzle(unsigned device, Pin pin) {
  return static_cast<Pin>((static_cast<unsigned>(pin) - 1 + device) % 4 + 1);
}

// How the board wired a pin of a device of the root bus.
struct PinTarget {
  IrqLine* line = nullptr;  // null: not wired
  Gsi gsi{0};
};
using PinRouting = std::function<PinTarget(unsigned device, Pin pin)>;

// One interrupt controller input. Threads: any.
class SharedLine {
 public:
  SharedLine(IrqLine& line, Gsi gsi) : line_(line), gsi_(gsi) {}
  Gsi gsi() const { return gsi_; }
  IrqLine& line() const { return line_; }
  // Each function calls with changes of its own level only.
  void change(bool level);

 private:
  IrqLine& line_;
  const Gsi gsi_;
  Mutex mutex_;
  unsigned asserted_ GUARDED_BY(mutex_) = 0;
};

// Threads: `line` while no vCPU runs.
class IntxLines {
 public:
  explicit IntxLines(PinRouting routing) : routing_(std::move(routing)) {}
  // The input behind a pin of the root bus, or null.
  SharedLine* line(unsigned device, Pin pin);

 private:
  const PinRouting routing_;
  std::vector<std::unique_ptr<SharedLine>> lines_;
};

}  // namespace lintel::pci
