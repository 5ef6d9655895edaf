// SPDX-License-Identifier: Apache-2.0
// Where base address registers may put devices: on the machine's memory and port buses, inside the
// windows that the board gives to PCI.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "vmm/base/log.h"
#include "vmm/bus/bus.h"
#include "vmm/bus/doorbell.h"
#include "vmm/pci/bdf.h"

namespace lintel::pci {

struct BarWindows {
  std::vector<GuestRange> memory;
  std::vector<GuestRange> ports;
};

// Threads: one at a time (the root complex's lock).
class BarSpace {
 public:
  // Without windows, in which nothing is decoded.
  BarSpace(Bus& memory, Bus& ports);

  // While no BAR is decoded.
  void set_windows(BarWindows windows) { windows_ = std::move(windows); }

  // False, with a bounded log line, where the range is outside the windows or taken: a guest may
  // program anything. Such a BAR is simply not decoded.
  bool map(AddressSpace space, GuestRange range, Device& device);
  void unmap(AddressSpace space, GuestRange range);

  // Counts unmaps: when it changed, a BAR that was refused may fit now.
  uint64_t generation() const { return generation_; }

 private:
  Bus& bus(AddressSpace space) { return space == AddressSpace::kMemory ? memory_ : ports_; }

  Bus& memory_;
  Bus& ports_;
  BarWindows windows_;
  uint64_t generation_ = 0;
  log::RateLimited refused_;
};

}  // namespace lintel::pci
