// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/bar_space.h"

#include <algorithm>

namespace lintel::pci {

BarSpace::BarSpace(Bus& memory, Bus& ports) : memory_(memory), ports_(ports) {}

bool BarSpace::map(AddressSpace space, GuestRange range, Device& device) {
  const auto& windows = space == AddressSpace::kMemory ? windows_.memory : windows_.ports;
  const bool inside =
      range.valid() && std::any_of(windows.begin(), windows.end(), [&](const GuestRange& window) {
        return window.contains(range.base, range.size);
      });
  if (inside && bus(space).try_add(range, device)) return true;
  refused_.warn("PCI: {} is not decoded at [{:#x}, +{:#x}): {}", device.name(), range.base.value,
                range.size, inside ? "the range is taken" : "outside the PCI windows");
  return false;
}

void BarSpace::unmap(AddressSpace space, GuestRange range) {
  bus(space).remove(range);
  ++generation_;
}

}  // namespace lintel::pci
