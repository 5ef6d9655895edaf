// SPDX-License-Identifier: Apache-2.0
// The pages behind one bus's part of the ECAM window, laid out as the guest sees them: a page for
// each function and, for all places without a function, one shared page of ones. Put into the
// guest as read-only memory it makes configuration reads free; only writes exit.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "vmm/base/mmap_region.h"
#include "vmm/base/types.h"
#include "vmm/base/unique_fd.h"
#include "vmm/pci/bdf.h"
#include "vmm/pci/config_space.h"

namespace lintel::pci {

// The page of ones. One for a root complex.
class AbsentPage {
 public:
  AbsentPage();
  int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

// Threads: not safe; changes before the guest runs only.
class ConfigPages {
 public:
  // `devices`: how many device numbers a guest looks at: 32, or 1 behind a PCI Express port (PCI
  // Express Base 5.0, 7.3.1). Places beyond have no page.
  ConfigPages(const AbsentPage& absent, unsigned devices);

  // A fresh page of zeros for the function, which stays valid as long as this object.
  ConfigStorage add(Devfn devfn);
  // From now on the place reads as ones; the storage is gone.
  void remove(Devfn devfn);

  struct Run {
    uint64_t offset;  // from the start of the bus's 1 MiB
    uint64_t size;
    std::byte* host;
  };
  // What can be mapped into the guest: all but the given functions' pages, whose reads must exit.
  std::vector<Run> runs(const std::vector<Devfn>& trapped) const;

 private:
  void map_absent(Devfn devfn);

  const AbsentPage& absent_;
  const size_t pages_;
  MmapRegion mapping_;
};

}  // namespace lintel::pci
