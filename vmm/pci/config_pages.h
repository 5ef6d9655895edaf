// SPDX-License-Identifier: Apache-2.0
// The pages behind one bus's part of the ECAM window, laid out as the guest sees them: 4 KiB for
// each function and, for all places without a function, one shared page of ones. Put into the guest
// as read-only memory it makes configuration reads free; only writes exit.
//
// Memory is mapped by the host's pages. Where these have 16 or 64 KiB, one holds the 4 KiB of
// several neighbours: it is a page of its own as soon as one of them is a function, and it can be
// mapped only if the reads of none of them must exit.
#pragma once

#include <cstddef>
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
  // `page_size`: the host's, or a larger power of two. Throws Error.
  explicit AbsentPage(size_t page_size);
  int fd() const { return fd_.get(); }
  size_t page_size() const { return page_size_; }

 private:
  const size_t page_size_;
  UniqueFd fd_;
};

// Threads: not safe; changes before the guest runs only.
class ConfigPages {
 public:
  // `devices`: how many device numbers a guest looks at: 32, or 1 behind a PCI Express port (PCI
  // Express Base 5.0, 7.3.1). Places beyond have no page but what fills the last one up.
  ConfigPages(const AbsentPage& absent, unsigned devices);

  // Fresh zeros for the function, which stay valid as long as this object.
  ConfigStorage add(Devfn devfn);
  // From now on the place reads as ones; the storage is gone.
  void remove(Devfn devfn);

  struct Run {
    uint64_t offset;  // from the start of the bus's 1 MiB
    uint64_t size;
    std::byte* host;
  };
  // What can be mapped into the guest: all but the pages of the given functions, whose reads must
  // exit.
  std::vector<Run> runs(const std::vector<Devfn>& trapped) const;

 private:
  void map_absent(size_t page);
  void map_own(size_t page);

  const AbsentPage& absent_;
  const size_t page_size_;
  const size_t places_;
  MmapRegion mapping_;
  std::vector<bool> own_;  // host pages that are not the page of ones
};

}  // namespace lintel::pci
