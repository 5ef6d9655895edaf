// SPDX-License-Identifier: Apache-2.0
// The register by which a guest tells that it panicked (QEMU, docs/specs/pvpanic): a port, or
// memory as the device tree's "qemu,pvpanic-mmio" has it, where drivers use its first byte.
#pragma once

#include "vmm/bus/device.h"
#include "vmm/devices/machine_events.h"

namespace lintel {

class Pvpanic final : public Device {
 public:
  static constexpr uint64_t kSize = 1;        // on a port bus
  static constexpr uint64_t kMemorySize = 4;  // in memory

  explicit Pvpanic(MachineEvents& events) : events_(events) {}

  std::string_view name() const override { return "pvpanic"; }
  // The events that are understood. They are in the first byte; the others are zero.
  uint64_t read(uint64_t offset, AccessSize size) override;
  void write(uint64_t offset, AccessSize size, uint64_t value) override;
  void reset() override {}

 private:
  MachineEvents& events_;
};

}  // namespace lintel
