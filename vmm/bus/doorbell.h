// SPDX-License-Identifier: Apache-2.0
// A guest write that signals an eventfd in the kernel, without an exit to this process
// (KVM_IOEVENTFD behind it; a fake in unit tests).
#pragma once

#include "vmm/base/types.h"

namespace lintel {

enum class AddressSpace : uint8_t { kMemory, kPort };

struct Doorbell {
  AddressSpace space = AddressSpace::kMemory;
  GuestAddress address;
  // Bytes; 0 matches a write of any width at the address.
  uint8_t width = 0;
};

// Threads: any.
class DoorbellSink {
 public:
  virtual ~DoorbellSink() = default;
  // The descriptor stays the caller's and must be open until `remove`. False where the kernel
  // refuses: the write then arrives at the device as an ordinary exit.
  virtual bool add(const Doorbell& doorbell, int event_fd) = 0;
  virtual void remove(const Doorbell& doorbell, int event_fd) = 0;
};

}  // namespace lintel
