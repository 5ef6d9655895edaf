// SPDX-License-Identifier: Apache-2.0
// The memory behind one bus's part of the ECAM window, laid out as the guest sees it: 4 KiB for
// each function. Put into the guest read-only it makes configuration reads free; writes exit, and
// so do reads where no function is, of which a guest that looks for functions makes one for each
// device number.
//
// Memory is mapped by the host's pages. Where these have 16 or 64 KiB, one holds the 4 KiB of
// several neighbours: it can be mapped as soon as one of them is a function, if the reads of none
// of them must exit, and the others read as ones in it.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "vmm/base/mmap_region.h"
#include "vmm/base/types.h"
#include "vmm/pci/bdf.h"
#include "vmm/pci/config_space.h"

namespace lintel::pci {

// Threads: not safe. Functions come and go while no vCPU runs, but the guest may have the pages
// already: what is mapped stays so until its owner asks for the `runs` anew.
class ConfigPages {
 public:
  // `devices`: how many device numbers a guest looks at: 32, or 1 behind a PCI Express port (PCI
  // Express Base 5.0, 7.3.1). Places beyond have no page but what fills the last one up.
  // `page_size`: the host's, or a larger power of two. Throws Error.
  ConfigPages(unsigned devices, size_t page_size);

  // Fresh zeros for the function, which stay valid as long as this object.
  ConfigStorage add(Devfn devfn);
  // From now on nothing is there, and reads as ones where the page is mapped; the storage is gone.
  void remove(Devfn devfn);

  struct Run {
    uint64_t offset;  // from the start of the bus's 1 MiB
    uint64_t size;
    std::byte* host;
  };
  // What can be mapped into the guest: the pages of all functions but those that the given ones are
  // in, whose reads must exit.
  std::vector<Run> runs(const std::vector<Devfn>& trapped) const;

 private:
  size_t page_of(Devfn devfn) const { return devfn.value * kConfigSize / page_size_; }
  bool has_function(size_t page) const;

  const size_t page_size_;
  const size_t places_;
  MmapRegion mapping_;
  std::bitset<256> present_;
};

}  // namespace lintel::pci
