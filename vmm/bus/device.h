// SPDX-License-Identifier: Apache-2.0
// What a bus needs to know of a device, and nothing more: facts about PCI or virtio live in their
// own interfaces.
#pragma once

#include <cstdint>
#include <string_view>

#include "vmm/base/types.h"

namespace lintel {

// Threads: any vCPU thread may call `read` and `write`, several at once; a device locks its own
// state. `reset` is called while no vCPU runs.
//
// What a guest writes is data: neither method throws, blocks without bound, or logs without bound
// because of it.
class Device {
 public:
  virtual ~Device() = default;

  virtual std::string_view name() const = 0;
  // `offset` counts from the start of the range that the device was put at. The bus cuts an access
  // that reaches beyond the range, so offset + size lies inside. Returns the value in the low bits.
  virtual uint64_t read(uint64_t offset, AccessSize size) = 0;
  // The bits of `value` above the access's width are zero.
  virtual void write(uint64_t offset, AccessSize size, uint64_t value) = 0;
  // Back to the state after construction, as at power-on.
  virtual void reset() = 0;
};

}  // namespace lintel
