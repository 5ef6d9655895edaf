// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/inventory.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "vmm/base/text.h"
#include "vmm/base/types.h"

namespace lintel::passthrough::host {

namespace {

constexpr std::string_view kDevices = "/sys/bus/pci/devices";
constexpr std::string_view kGroups = "/sys/kernel/iommu_groups";

// Flags of the lines of `resource` (include/linux/ioport.h).
constexpr uint64_t kResourcePorts = 0x100;
constexpr uint64_t kResourceMemory = 0x200;
constexpr uint64_t kResourcePrefetch = 0x2000;
constexpr uint64_t kResourceWide = 0x100000;

constexpr size_t kBars = 6;

std::optional<uint64_t> hex_number(std::string_view text) {
  if (text.starts_with("0x")) text.remove_prefix(2);
  uint64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<HostBar> read_bars(const Tree& tree, const std::string& folder) {
  std::vector<HostBar> bars;
  const std::vector<std::string> lines = tree.lines(folder + "/resource");
  for (size_t i = 0; i < std::min(lines.size(), kBars); ++i) {
    const std::vector<std::string> parts = words(lines[i]);
    if (parts.size() != 3) continue;
    const auto first = hex_number(parts[0]);
    const auto last = hex_number(parts[1]);
    const auto flags = hex_number(parts[2]);
    const bool exists = first && last && flags && *last >= *first &&
                        (*flags & (kResourcePorts | kResourceMemory)) != 0;
    if (!exists) continue;
    HostBar bar;
    bar.index = static_cast<uint8_t>(i);
    bar.start = *first;
    bar.size = *last - *first + 1;
    bar.ports = (*flags & kResourcePorts) != 0;
    bar.wide = (*flags & kResourceWide) != 0;
    bar.prefetchable = (*flags & kResourcePrefetch) != 0;
    const auto sizes = tree.word(fmt::format("{}/resource{}_resize", folder, i));
    bar.sizes = sizes ? hex_number(*sizes).value_or(0) : 0;
    bars.push_back(bar);
  }
  return bars;
}

uint64_t number_or_0(const Tree& tree, const std::string& path) {
  return tree.number(path).value_or(0);
}

PciIds read_ids(const Tree& tree, const std::string& vendor, const std::string& device) {
  return {static_cast<uint16_t>(number_or_0(tree, vendor)),
          static_cast<uint16_t>(number_or_0(tree, device))};
}

struct ClassName {
  uint16_t code;  // base class and subclass
  std::string_view name;
};

// PCI Code and ID Assignment Specification 1.11, 1.
constexpr ClassName kClasses[] = {
    {0x0100, "SCSI controller"},      {0x0101, "IDE controller"},
    {0x0104, "RAID controller"},      {0x0106, "SATA controller"},
    {0x0107, "SAS controller"},       {0x0108, "NVMe controller"},
    {0x0200, "Ethernet controller"},  {0x0207, "InfiniBand controller"},
    {0x0280, "Network controller"},   {0x0300, "VGA controller"},
    {0x0302, "3D controller"},        {0x0380, "Display controller"},
    {0x0400, "Video device"},         {0x0401, "Audio device"},
    {0x0403, "Audio device"},         {0x0500, "Memory"},
    {0x0600, "Host bridge"},          {0x0601, "ISA bridge"},
    {0x0604, "PCI bridge"},           {0x0700, "Serial controller"},
    {0x0780, "Communication device"}, {0x0880, "System peripheral"},
    {0x0c03, "USB controller"},       {0x0c05, "SMBus controller"},
    {0x0c80, "Serial bus device"},    {0x0d11, "Bluetooth device"},
    {0x0d80, "Wireless controller"},  {0x1080, "Encryption controller"},
    {0x1180, "Signal processor"},     {0x1200, "Accelerator"}};
constexpr ClassName kBaseClasses[] = {{0x01, "Storage controller"},
                                      {0x02, "Network controller"},
                                      {0x03, "Display controller"},
                                      {0x04, "Multimedia device"},
                                      {0x05, "Memory"},
                                      {0x06, "Bridge"},
                                      {0x07, "Communication device"},
                                      {0x08, "System peripheral"},
                                      {0x09, "Input device"},
                                      {0x0c, "Serial bus device"},
                                      {0x0d, "Wireless controller"},
                                      {0x10, "Encryption controller"},
                                      {0x11, "Signal processor"},
                                      {0x12, "Accelerator"}};

// Where distributions put the list of names.
constexpr std::string_view kNameLists[] = {"/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids",
                                           "/usr/share/pci.ids", "/var/lib/pciutils/pci.ids"};

}  // namespace

std::vector<uint64_t> HostBar::possible_sizes() const {
  std::vector<uint64_t> out;
  for (unsigned code = 0; code < 44; ++code) {
    if ((sizes >> code & 1) != 0) out.push_back(kMiB << code);
  }
  return out;
}

std::string size_list(const HostBar& bar, std::string_view between) {
  std::vector<std::string> out;
  for (const uint64_t size : bar.possible_sizes()) out.push_back(format_size(size));
  return join(out, between);
}

std::string HostFunction::folder() const {
  return fmt::format("{}/{}", kDevices, to_string(address));
}

bool HostFunction::can_reset(std::string_view method) const {
  return std::find(reset_methods.begin(), reset_methods.end(), method) != reset_methods.end();
}

std::string HostFunction::reset_method_list() const {
  std::string list;
  for (const std::string& method : reset_methods) list += (list.empty() ? "" : " ") + method;
  return list;
}

bool is_vfio_driver(std::string_view driver) {
  return driver.find("vfio") != std::string_view::npos;
}

std::optional<HostFunction> read_function(const Tree& tree, PciAddress address) {
  HostFunction function;
  function.address = address;
  const std::string folder = function.folder();
  const auto vendor = tree.number(folder + "/vendor");
  if (!vendor) return std::nullopt;
  function.ids = read_ids(tree, folder + "/vendor", folder + "/device");
  function.subsystem = read_ids(tree, folder + "/subsystem_vendor", folder + "/subsystem_device");
  function.class_code = static_cast<uint32_t>(number_or_0(tree, folder + "/class"));
  function.driver = tree.link_name(folder + "/driver").value_or("");
  if (const auto group = tree.link_name(folder + "/iommu_group")) {
    uint32_t number = 0;
    const auto result = std::from_chars(group->data(), group->data() + group->size(), number);
    if (result.ec == std::errc{}) function.group = number;
  }
  function.bars = read_bars(tree, folder);
  function.has_rom = tree.exists(folder + "/rom");
  function.reset_methods = words(tree.text(folder + "/reset_method"));
  if (const auto d3cold = tree.number(folder + "/d3cold_allowed")) {
    function.d3cold_allowed = *d3cold != 0;
  }
  function.power_control = tree.word(folder + "/power/control").value_or("");
  function.runtime_status = tree.word(folder + "/power/runtime_status").value_or("");
  if (const auto node = tree.number(folder + "/numa_node")) {
    function.numa_node = static_cast<int>(*node);  // -1, unknown, does not parse
  }
  function.boot_vga = number_or_0(tree, folder + "/boot_vga") != 0;
  function.virtual_function = tree.is_link(folder + "/physfn");
  return function;
}

std::optional<IommuGroup> read_group(const Tree& tree, uint32_t number) {
  const std::string folder = fmt::format("{}/{}", kGroups, number);
  if (!tree.exists(folder)) return std::nullopt;
  IommuGroup group;
  group.number = number;
  group.type = tree.word(folder + "/type").value_or("");
  for (const std::string& name : tree.names(folder + "/devices")) {
    if (const auto address = parse_address(name)) {
      group.members.push_back(*address);
    } else {
      group.other_members.push_back(name);
    }
  }
  group.reserved = parse_reserved_regions(tree.text(folder + "/reserved_regions"));
  // Linux, vfio_noiommu_group_alloc().
  group.without_iommu = tree.word(folder + "/name") == "vfio-noiommu";
  return group;
}

std::string group_node(const Tree& tree, const HostFunction& function) {
  if (!function.group) return {};
  const auto group = read_group(tree, *function.group);
  return fmt::format("/dev/vfio/{}{}", group && group->without_iommu ? "noiommu-" : "",
                     *function.group);
}

std::string device_node(const Tree& tree, const HostFunction& function) {
  const auto nodes = tree.names(function.folder() + "/vfio-dev");
  return nodes.empty() ? std::string() : "/dev/vfio/devices/" + nodes.front();
}

Inventory take_inventory(const Tree& tree) {
  Inventory inventory;
  for (const std::string& name : tree.names(kDevices)) {
    const auto address = parse_address(name);
    if (!address) continue;
    if (auto function = read_function(tree, *address)) {
      inventory.functions.push_back(std::move(*function));
    }
  }
  for (const std::string& name : tree.names(kGroups)) {
    uint32_t number = 0;
    const auto result = std::from_chars(name.data(), name.data() + name.size(), number);
    if (result.ec != std::errc{}) continue;
    if (auto group = read_group(tree, number)) inventory.groups.push_back(std::move(*group));
  }
  std::sort(inventory.functions.begin(), inventory.functions.end(),
            [](const auto& a, const auto& b) { return a.address < b.address; });
  std::sort(inventory.groups.begin(), inventory.groups.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  inventory.has_iommu =
      std::ranges::any_of(inventory.groups,
                          [](const IommuGroup& group) { return !group.without_iommu; }) ||
      !tree.names("/sys/class/iommu").empty();
  return inventory;
}

const HostFunction* Inventory::find(PciAddress address) const {
  const auto found = std::find_if(functions.begin(), functions.end(),
                                  [&](const HostFunction& f) { return f.address == address; });
  return found == functions.end() ? nullptr : &*found;
}

const IommuGroup* Inventory::group(std::optional<uint32_t> number) const {
  if (!number) return nullptr;
  const auto found = std::find_if(groups.begin(), groups.end(),
                                  [&](const IommuGroup& g) { return g.number == *number; });
  return found == groups.end() ? nullptr : &*found;
}

std::string class_name(uint32_t class_code) {
  for (const ClassName& entry : kClasses) {
    if (entry.code == class_code >> 8) return std::string(entry.name);
  }
  for (const ClassName& entry : kBaseClasses) {
    if (entry.code == class_code >> 16) return std::string(entry.name);
  }
  return fmt::format("class 0x{:02x}", class_code >> 16);
}

// pci.ids: a vendor's line starts with its id, its devices' lines with a tab, subsystems' with two.
std::vector<std::string> product_names(const Tree& tree, std::span<const PciIds> ids) {
  std::vector<std::string> names(ids.size());
  constexpr size_t kIdLength = 4;
  const auto id_of = [](std::string_view line) { return hex_number(line.substr(0, kIdLength)); };
  for (const std::string_view list : kNameLists) {
    if (!tree.exists(list)) continue;
    std::string vendor_name;
    uint64_t vendor = 0;
    for (const std::string& line : tree.lines(list)) {
      const std::string_view text = trimmed(line);
      if (line.starts_with('#') || line.starts_with("\t\t") || text.size() <= kIdLength) continue;
      if (line.starts_with("C ")) break;  // the classes follow
      const auto id = id_of(text);
      if (!id) continue;
      const std::string_view name = trimmed(text.substr(kIdLength));
      if (!line.starts_with('\t')) {
        vendor = *id;
        vendor_name = name;
      }
      for (size_t i = 0; i < ids.size(); ++i) {
        if (ids[i].vendor != vendor) continue;
        if (!line.starts_with('\t')) names[i] = vendor_name;
        if (line.starts_with('\t') && ids[i].device == *id) {
          names[i] = fmt::format("{} {}", vendor_name, name);
        }
      }
    }
    break;
  }
  return names;
}

}  // namespace lintel::passthrough::host
