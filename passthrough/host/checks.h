// SPDX-License-Identifier: Apache-2.0
// What speaks against giving functions to a guest. Reads the host and changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "passthrough/host/complaint.h"
#include "passthrough/host/inventory.h"
#include "passthrough/host/uses.h"
#include "vmm/base/types.h"

namespace lintel::passthrough::host {

// The host's own use of a function: disks and programs that would keep a driver from letting go
// (fatal), the default route (a warning). Programs that read a keyboard or another part that can be
// unplugged anyway do not count.
std::vector<Complaint> check_uses(const Tree& tree, const UseFinder& finder,
                                  const HostFunction& function);

// Whether other functions of its slot stay with the host: those that are not of `taken`.
std::vector<Complaint> check_siblings(const Inventory& inventory, const HostFunction& function,
                                      std::span<const PciAddress> taken);

// Drivers that leave DMA to others, so that a group with them can be used (in the kernel:
// driver_managed_dma). Empty: none.
bool leaves_dma_alone(std::string_view driver);

// A group can be used if no member but those of `taken`, and bridges, has a driver that does DMA
// for the host (Documentation/driver-api/vfio.rst, "IOMMU groups"). Nothing for a function whose
// group is not known yet. `finder` knows what the host would lose with the members in the way.
std::vector<Complaint> check_group(const Inventory& inventory, const HostFunction& function,
                                   std::span<const PciAddress> taken,
                                   const UseFinder* finder = nullptr);

// Whether the function can be brought to its initial state between two guests, and who is reset
// with it: the functions on its bus, if nothing but a reset of the bus is possible. `spared`: those
// of `taken` that are not to be reset, at least not each time when this one is.
std::vector<Complaint> check_reset(const Inventory& inventory, const HostFunction& function,
                                   std::span<const PciAddress> taken,
                                   std::span<const PciAddress> spared = {});

// Whether there are other functions on its bus, which a reset of the bus resets too.
bool shares_bus(const Inventory& inventory, const HostFunction& function);

// The same as check_reset() for a reset of the bus, whatever else the function can do.
std::vector<Complaint> check_bus_reset(const Inventory& inventory, const HostFunction& function,
                                       std::span<const PciAddress> taken,
                                       std::span<const PciAddress> spared = {});

// What of the guest's RAM the function's IOMMU group does not translate.
std::vector<Complaint> check_addresses(const IommuGroup& group, std::span<const GuestRange> ram);

// What may have to be locked into memory at once. BARs are not: a container maps those that peers
// reach without counting them (Linux, vfio_pin_pages_remote: reserved pages), iommufd maps none.
uint64_t bytes_to_lock(std::span<const GuestRange> ram);

// The room that BARs take in a window, in the order of their sizes so that each is aligned.
uint64_t window_for(const Inventory& inventory, std::span<const PciAddress> taken, bool wide);

// Of the host's IOMMUs: the narrowest address width in bits, where the hardware says one (VT-d
// specification 4.1, 11.4.2: CAP.MGAW).
std::optional<unsigned> iommu_address_bits(const Tree& tree);

}  // namespace lintel::passthrough::host
