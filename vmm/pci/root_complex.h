// SPDX-License-Identifier: Apache-2.0
// The root of the hierarchy: routes configuration accesses to functions, and holds what all of them
// use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "vmm/base/mmap_region.h"
#include "vmm/base/sync.h"
#include "vmm/irq/irq.h"
#include "vmm/pci/bar_space.h"
#include "vmm/pci/bdf.h"
#include "vmm/pci/intx.h"
#include "vmm/pci/pci_bus.h"

namespace lintel::pci {

class Function;

// What the board gives to PCI. The references outlive the root complex.
struct HostResources {
  Bus& memory;
  Bus& ports;
  MsiSink& msi;
  PinRouting pins;
  // By which configuration space is mapped into the guest (config_pages.h).
  size_t page_size = host_page_size();
};

// Threads: `config_read` and `config_write` from any; the rest while no vCPU runs.
class RootComplex {
 public:
  explicit RootComplex(HostResources resources);

  PciBus& root_bus() { return root_bus_; }

  // Accesses of 1 to 8 bytes at any offset, cut at dword boundaries. Nothing there: a read gives
  // ones, a write is dropped (PCI Express Base 5.0, 2.3.2).
  uint64_t config_read(Bdf bdf, uint16_t offset, unsigned size);
  void config_write(Bdf bdf, uint16_t offset, unsigned size, uint64_t value);

  // The bus that the bridges route this number to at the moment, or null: configuration requests
  // pass a bridge whose secondary to subordinate range holds the number (PCI-to-PCI Bridge 1.2,
  // 3.1.2.1). Bridges without numbers (secondary 0) pass nothing.
  PciBus* route(uint8_t bus_number);
  Function* find(Bdf bdf);

  // Depth first, a bridge before what is behind it.
  void for_each(const std::function<void(Function&)>& visit);
  // All functions, top down.
  void reset();

  // Called under the configuration lock when a bridge's bus numbers may have changed, for who maps
  // configuration pages.
  void on_bus_numbers(std::function<void()> changed) { bus_numbers_changed_ = std::move(changed); }
  void bus_numbers_written();

  Bus& memory() { return memory_; }
  Bus& ports() { return ports_; }
  BarSpace& bar_space() { return bar_space_; }
  IntxLines& intx_lines() { return intx_lines_; }
  MsiSink& msi() { return msi_; }
  size_t page_size() const { return page_size_; }

 private:
  Bus& memory_;
  Bus& ports_;
  MsiSink& msi_;
  const size_t page_size_;
  BarSpace bar_space_;
  IntxLines intx_lines_;
  PciBus root_bus_;
  std::function<void()> bus_numbers_changed_;
  // Serialises configuration writes and with them every hook of every function. Held while the
  // locks of functions, devices, buses and the memory map are taken, never the other way round.
  Mutex config_mutex_;
};

}  // namespace lintel::pci
