// SPDX-License-Identifier: Apache-2.0
// The host's PCI functions and IOMMU groups, as sysfs shows them
// (Documentation/ABI/testing/sysfs-bus-pci, sysfs-kernel-iommu_groups). A snapshot; reading it
// changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "passthrough/host/address.h"
#include "passthrough/host/reserved_regions.h"
#include "passthrough/host/tree.h"

namespace lintel::passthrough::host {

struct HostBar {
  uint8_t index = 0;
  uint64_t start = 0;
  uint64_t size = 0;
  bool ports = false;
  bool wide = false;  // a 64-bit BAR
  bool prefetchable = false;
  // Of a resizable BAR the sizes that it can have, bit N for 2^N MiB (PCI Express Base 5.0, 7.8.6);
  // 0: its size is fixed.
  uint64_t sizes = 0;

  std::vector<uint64_t> possible_sizes() const;  // in bytes
};
// The same as text, "256M, 8G".
std::string size_list(const HostBar& bar, std::string_view between);

struct HostFunction {
  PciAddress address;
  PciIds ids;
  PciIds subsystem;
  uint32_t class_code = 0;  // base class, subclass, programming interface
  std::string driver;       // none: empty
  // On hosts with a device tree there is none before a driver was probed for the first time.
  std::optional<uint32_t> group;
  std::vector<HostBar> bars;
  bool has_rom = false;
  std::vector<std::string> reset_methods;  // in the kernel's order: "flr", "bus", "pm", ...
  std::optional<bool> d3cold_allowed;
  std::string power_control;   // "on" or "auto"
  std::string runtime_status;  // "active", "suspended", ...
  std::optional<int> numa_node;
  bool boot_vga = false;
  bool virtual_function = false;

  std::string folder() const;  // "/sys/bus/pci/devices/0000:01:00.0"
  // A PCI-to-PCI bridge or a root port: such members do not keep a group from being used.
  bool is_bridge() const { return class_code >> 8 == 0x0604; }
  bool can_reset(std::string_view method) const;
  std::string reset_method_list() const;  // as sysfs has it, "flr bus"
};

// A driver of the vfio-pci family, the variants that vendors have among them.
bool is_vfio_driver(std::string_view driver);

struct IommuGroup {
  uint32_t number = 0;
  std::string type;  // "DMA", "DMA-FQ", "identity", ...
  std::vector<PciAddress> members;
  std::vector<std::string> other_members;  // devices that are no PCI functions
  std::vector<ReservedRegion> reserved;
  bool without_iommu = false;  // vfio's own, in its no-IOMMU mode
};

struct Inventory {
  std::vector<HostFunction> functions;  // by address
  std::vector<IommuGroup> groups;       // by number
  bool has_iommu = false;               // also if no function is behind one

  const HostFunction* find(PciAddress address) const;
  const IommuGroup* group(std::optional<uint32_t> number) const;
};

Inventory take_inventory(const Tree& tree);
// One function anew; nothing if it is gone.
std::optional<HostFunction> read_function(const Tree& tree, PciAddress address);
std::optional<IommuGroup> read_group(const Tree& tree, uint32_t number);

// By which programs have a function that is bound to vfio. By its group: "/dev/vfio/14", or
// "/dev/vfio/noiommu-14"; empty if it has none. By itself: "/dev/vfio/devices/vfio0"; empty on
// older kernels.
std::string group_node(const Tree& tree, const HostFunction& function);
std::string device_node(const Tree& tree, const HostFunction& function);

// The name of a class: "VGA controller", else that of the base class, else "class 0xff".
std::string class_name(uint32_t class_code);

// "NVIDIA Corporation AD102 [GeForce RTX 4090]" from the host's pci.ids, where it has one; the
// names of those that were asked for, empty for an unknown one.
std::vector<std::string> product_names(const Tree& tree, std::span<const PciIds> ids);

}  // namespace lintel::passthrough::host
