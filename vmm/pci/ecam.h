// SPDX-License-Identifier: Apache-2.0
// The enhanced configuration access mechanism (PCI Express Base 5.0, 7.2.2): a window of memory, 1
// MiB for each bus.
#pragma once

#include <vector>

#include "vmm/base/log.h"
#include "vmm/bus/bus.h"
#include "vmm/memory/memory_map.h"
#include "vmm/pci/root_complex.h"

namespace lintel::pci {

// Reads of functions whose registers are memory do not get here: their pages, and the page of ones
// for absent functions, are in the memory map read-only. The pages of a bus behind a bridge follow
// its number.
//
// Made last, when all functions have their place; must be destroyed before they are.
class Ecam final : public Device {
 public:
  // `window` holds a whole number of buses from bus 0 on. `map` may be null: then all accesses
  // exit. Throws Error.
  Ecam(RootComplex& root_complex, GuestRange window, Bus& memory, MemoryMap* map);
  ~Ecam() override;

  std::string_view name() const override { return "pci-ecam"; }
  uint64_t read(uint64_t offset, AccessSize size) override;
  void write(uint64_t offset, AccessSize size, uint64_t value) override;
  void reset() override {}

 private:
  struct MappedBus {
    uint8_t number;
    PciBus* bus;
    std::vector<GuestRange> ranges;
  };
  void bus_numbers_changed();
  bool is_current(const MappedBus& mapped);
  void map_bus(PciBus& bus);
  void unmap_bus(const MappedBus& mapped);

  RootComplex& root_complex_;
  const GuestRange window_;
  Bus& memory_;
  MemoryMap* const map_;
  std::vector<MappedBus> mapped_;  // under the root complex's configuration lock
  log::RateLimited refused_;
};

}  // namespace lintel::pci
