// SPDX-License-Identifier: Apache-2.0
// One bus of the hierarchy: which functions are on it.
#pragma once

#include <array>
#include <cstdint>

#include "vmm/pci/bdf.h"
#include "vmm/pci/config_pages.h"
#include "vmm/pci/intx.h"

namespace lintel::pci {

class Function;
class RootComplex;

// Threads: functions come and go while no vCPU runs; look-ups from any thread.
class PciBus {
 public:
  // `bridge` is the function whose secondary side this is, null for the root bus.
  PciBus(RootComplex& root_complex, Function* bridge);
  PciBus(const PciBus&) = delete;
  PciBus& operator=(const PciBus&) = delete;

  // Null where there is none.
  Function* find(Devfn devfn) const { return functions_[devfn.value]; }
  // The number that the bridge's registers give it at the moment; 0 for the root bus.
  uint8_t number() const;
  RootComplex& root_complex() const { return root_complex_; }
  Function* bridge() const { return bridge_; }
  const ConfigPages& pages() const { return pages_; }

  template <typename Visit>
  void for_each(Visit visit) const {
    for (Function* function : functions_) {
      if (function != nullptr) visit(*function);
    }
  }

 private:
  friend class Function;
  // Throws Error if the place is taken, or cannot exist on this bus.
  ConfigStorage attach(Devfn devfn, Function& function);
  void detach(Devfn devfn);
  // Sets the multi-function bit of a device that has more than function 0.
  void mark_multi_function(unsigned device);
  // Follows the pin up to the root bus.
  SharedLine* intx_line(Devfn devfn, Pin pin) const;

  RootComplex& root_complex_;
  Function* const bridge_;
  ConfigPages pages_;
  std::array<Function*, 256> functions_{};
};

}  // namespace lintel::pci
