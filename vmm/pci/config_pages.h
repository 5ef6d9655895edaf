// SPDX-License-Identifier: Apache-2.0
// The pages behind one bus's part of the ECAM window, laid out as the guest sees them: one for each
// function. Put into the guest as read-only memory they make configuration reads free; writes exit,
// and so do reads where no function is, of which a guest that looks for functions makes one for
// each device number.
#pragma once

#include <bitset>
#include <cstdint>
#include <vector>

#include "vmm/base/mmap_region.h"
#include "vmm/base/types.h"
#include "vmm/pci/bdf.h"
#include "vmm/pci/config_space.h"

namespace lintel::pci {

// Threads: not safe; changes before the guest runs only.
class ConfigPages {
 public:
  // `devices`: how many device numbers a guest looks at: 32, or 1 behind a PCI Express port (PCI
  // Express Base 5.0, 7.3.1).
  explicit ConfigPages(unsigned devices);

  // A fresh page of zeros for the function, which stays valid as long as this object.
  ConfigStorage add(Devfn devfn);
  // From now on nothing is there; the storage is gone.
  void remove(Devfn devfn) { present_.reset(devfn.value); }

  struct Run {
    uint64_t offset;  // from the start of the bus's 1 MiB
    uint64_t size;
    std::byte* host;
  };
  // What can be mapped into the guest: the pages of all functions but the given ones, whose reads
  // must exit.
  std::vector<Run> runs(const std::vector<Devfn>& trapped) const;

 private:
  const size_t pages_;
  MmapRegion mapping_;
  std::bitset<256> present_;
};

}  // namespace lintel::pci
