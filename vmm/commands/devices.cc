// SPDX-License-Identifier: Apache-2.0
#include "vmm/commands/devices.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "passthrough/host/choose.h"
#include "passthrough/host/inventory.h"
#include "passthrough/host/uses.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/base/text.h"
#include "vmm/commands/config_table.h"
#include "vmm/config/fields.h"

namespace lintel::commands {

namespace {

using namespace passthrough::host;
using Json = nlohmann::ordered_json;

// Everything that is known of one function.
struct Entry {
  const HostFunction* function;
  const IommuGroup* group;  // null: none, or not known yet
  std::string product;
  Uses uses;
  std::vector<Holder> holders;  // if they are asked for
};

std::string title(const Entry& entry) {
  const HostFunction& function = *entry.function;
  std::string text = class_name(function.class_code);
  if (!entry.product.empty()) text += ": " + entry.product;
  if (function.boot_vga) text += " (boot display)";
  if (function.virtual_function) text += " (virtual function)";
  return text;
}

std::string group_text(const Entry& entry) {
  return entry.function->group ? fmt::format("{}", *entry.function->group) : "-";
}

std::string holder_text(const Holder& holder) {
  return fmt::format("{} {}{}: {}", holder.pid, holder.name,
                     holder.unit.empty() ? "" : fmt::format(" ({})", holder.unit), holder.node);
}

std::string bar_text(const HostBar& bar) {
  if (bar.ports) return fmt::format("{}: {} ports", bar.index, bar.size);
  std::string text =
      fmt::format("{}: {}{}{}", bar.index, format_size(bar.size), bar.wide ? " 64-bit" : "",
                  bar.prefetchable ? " prefetchable" : "");
  if (bar.sizes == 0) return text;
  return text + fmt::format(" (can be {})", size_list(bar, " "));
}

std::vector<Entry> collect(const Tree& tree, const Inventory& inventory,
                           const cli::DevicesCommand& command) {
  std::vector<Entry> entries;
  std::vector<PciIds> ids;
  const UseFinder finder(tree);
  for (const HostFunction& function : inventory.functions) {
    const bool wanted =
        command.devices.empty() ||
        std::any_of(command.devices.begin(), command.devices.end(), [&](const std::string& device) {
          return parse_address(device) == function.address || parse_ids(device) == function.ids;
        });
    if (!wanted) continue;
    Entry entry{&function, inventory.group(function.group), {}, finder.find(function), {}};
    if (command.users) entry.holders = find_holders(tree, entry.uses.nodes);
    entries.push_back(std::move(entry));
    ids.push_back(function.ids);
  }
  const std::vector<std::string> names = product_names(tree, ids);
  for (size_t i = 0; i < entries.size(); ++i) entries[i].product = names[i];
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    const auto key = [](const Entry& entry) {
      return std::pair(entry.function->group.value_or(UINT32_MAX), entry.function->address);
    };
    return key(a) < key(b);
  });
  return entries;
}

std::string table(const std::vector<Entry>& entries) {
  constexpr std::string_view kDriver = "DRIVER";
  size_t address_width = std::string_view("0000:00:00.0").size();
  size_t driver_width = kDriver.size();
  for (const Entry& entry : entries) {
    address_width = std::max(address_width, to_string(entry.function->address).size());
    driver_width = std::max(driver_width, entry.function->driver.size());
  }
  const auto row = [&](std::string_view group, std::string_view address, std::string_view ids,
                       std::pair<std::string_view, std::string_view> rest) {
    return fmt::format("{:>5}  {:<{}}  {:<9}  {:<{}}  {}\n", group, address, address_width, ids,
                       rest.first, driver_width, rest.second);
  };
  std::string out = row("GROUP", "ADDRESS", "IDS", {kDriver, "DEVICE"});
  for (const Entry& entry : entries) {
    const HostFunction& function = *entry.function;
    const std::string driver = function.driver.empty() ? "-" : function.driver;
    out += row(group_text(entry), to_string(function.address), to_string(function.ids),
               {driver, title(entry)});
    for (const Holder& holder : entry.holders) {
      out += fmt::format("{:>7}used by {}\n", "", holder_text(holder));
    }
  }
  return out;
}

std::string group_details(const Inventory& inventory, const Entry& entry) {
  if (entry.group == nullptr) return inventory.has_iommu ? "none yet" : "none: no IOMMU is in use";
  std::vector<std::string> others;
  for (const PciAddress member : entry.group->members) {
    const HostFunction* other = inventory.find(member);
    if (other != nullptr && other != entry.function) others.push_back(describe(*other));
  }
  std::string text = fmt::format("{} ({})", entry.group->number, entry.group->type);
  return others.empty()
             ? text
             : fmt::format("{}, with\n{:14}{}", text, "", join(others, fmt::format("\n{:14}", "")));
}

std::string power_text(const HostFunction& function) {
  std::vector<std::string> parts;
  if (!function.runtime_status.empty()) parts.push_back(function.runtime_status);
  if (!function.power_control.empty()) parts.push_back("control " + function.power_control);
  if (function.d3cold_allowed) {
    parts.emplace_back(*function.d3cold_allowed ? "D3cold allowed" : "D3cold off");
  }
  return join(parts);
}

std::string details(const Inventory& inventory, const Entry& entry) {
  const HostFunction& function = *entry.function;
  std::string out = fmt::format("{}  {}  {}\n", to_string(function.address),
                                to_string(function.ids), title(entry));
  const auto line = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) out += fmt::format("  {:<10}  {}\n", name, text);
  };
  line("driver", function.driver.empty() ? "none" : function.driver);
  line("group", group_details(inventory, entry));
  for (const HostBar& bar : function.bars) line("BAR", bar_text(bar));
  line("ROM", function.has_rom ? "yes" : "");
  line("reset",
       function.reset_methods.empty() ? "not possible" : join(function.reset_methods, " "));
  line("power", power_text(function));
  line("NUMA node", function.numa_node ? fmt::format("{}", *function.numa_node) : "");
  line("disks", join(entry.uses.disks));
  for (const DiskUse& use : entry.uses.disk_uses) {
    line("", fmt::format("{} is {}", use.disk, use.what));
  }
  for (const NetUse& use : entry.uses.interfaces) {
    line("network", use.default_route.empty() ? use.interface : use.interface + ", default route");
  }
  for (const Holder& holder : entry.holders) line("used by", holder_text(holder));
  return out;
}

Json bars_json(const HostFunction& function) {
  Json list = Json::array();
  for (const HostBar& bar : function.bars) {
    Json item;
    item["index"] = bar.index;
    item["size"] = bar.size;
    item["kind"] = bar.ports ? "ports" : "memory";
    item["wide"] = bar.wide;
    item["prefetchable"] = bar.prefetchable;
    item["sizes"] = bar.possible_sizes();
    list.push_back(std::move(item));
  }
  return list;
}

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json uses_json(const Entry& entry, bool users) {
  Json out;
  out["disks"] = entry.uses.disks;
  out["disk_uses"] = Json::array();
  for (const DiskUse& use : entry.uses.disk_uses) {
    out["disk_uses"].push_back({{"disk", use.disk}, {"use", use.what}, {"end", use.steps}});
  }
  out["interfaces"] = Json::array();
  for (const NetUse& use : entry.uses.interfaces) {
    out["interfaces"].push_back(
        {{"name", use.interface}, {"default_route", !use.default_route.empty()}});
  }
  if (!users) return out;
  out["users"] = Json::array();
  for (const Holder& holder : entry.holders) {
    out["users"].push_back(
        {{"pid", holder.pid}, {"name", holder.name}, {"unit", holder.unit}, {"node", holder.node}});
  }
  return out;
}

std::string json(const std::vector<Entry>& entries, bool users) {
  Json list = Json::array();
  for (const Entry& entry : entries) {
    const HostFunction& function = *entry.function;
    Json item;
    item["address"] = to_string(function.address);
    item["ids"] = to_string(function.ids);
    item["subsystem"] = to_string(function.subsystem);
    item["class"] = fmt::format("{:06x}", function.class_code);
    item["class_name"] = class_name(function.class_code);
    item["name"] = entry.product;
    item["driver"] = function.driver;
    item["group"] = or_null(function.group);
    item["bridge"] = function.is_bridge();
    item["boot_display"] = function.boot_vga;
    item["virtual_function"] = function.virtual_function;
    item["bars"] = bars_json(function);
    item["rom"] = function.has_rom;
    item["reset_methods"] = function.reset_methods;
    item["d3cold_allowed"] = or_null(function.d3cold_allowed);
    item["power_control"] = function.power_control;
    item["runtime_status"] = function.runtime_status;
    item["numa_node"] = or_null(function.numa_node);
    item.update(uses_json(entry, users));
    list.push_back(std::move(item));
  }
  return list.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string suggested_id(const HostFunction& function) {
  switch (function.class_code >> 8) {
    case 0x0108: return "nvme";
    case 0x0c03: return "usb";
    default: break;
  }
  switch (function.class_code >> 16) {
    case 0x01: return "storage";
    case 0x02: return "nic";
    case 0x03: return "gpu";
    case 0x04: return "audio";
    default: return "device";
  }
}

std::string toml(const Tree& tree, const Inventory& inventory, const std::string& device) {
  const Choice choice = choose(inventory, {.device = device_named(device), .all_functions = true});
  for (const Complaint& complaint : choice.complaints) {
    if (complaint.fatal) throw to_error(complaint);
  }
  const HostFunction& function = *inventory.find(choice.functions.front());
  const std::vector<std::string> names = product_names(tree, {&function.ids, 1});
  std::string out = fmt::format("# {}{}{}\n[[pci]]\nid = \"{}\"\n", class_name(function.class_code),
                                names[0].empty() ? "" : ": ", names[0], suggested_id(function));
  out += fmt::format("device = \"{}\"\nexpect = \"{}\"\n", to_string(function.address),
                     to_string(function.ids));
  if (choice.functions.size() > 1) out += "functions = \"all\"\n";
  for (size_t i = 1; i < choice.functions.size(); ++i) {
    out += fmt::format("# with {}\n", describe(*inventory.find(choice.functions[i])));
  }
  return out;
}

}  // namespace

std::string show_devices(const Tree& tree, const cli::DevicesCommand& command) {
  const Inventory inventory = take_inventory(tree);
  if (!command.toml.empty()) return toml(tree, inventory, command.toml);
  if (!command.config.empty()) return config_table(tree, inventory, command.config, command.from);
  for (const std::string& device : command.devices) {
    const auto address = parse_address(device);
    const auto ids = parse_ids(device);
    const bool there = std::any_of(inventory.functions.begin(), inventory.functions.end(),
                                   [&](const HostFunction& function) {
                                     return function.address == address || function.ids == ids;
                                   });
    if (!there) {
      throw Error(fmt::format("The host has no PCI device {}", device))
          .with_help("`lintel devices` lists what there is");
    }
  }
  const std::vector<Entry> entries = collect(tree, inventory, command);
  if (command.users && !sees_all_holders(tree)) {
    log::warn(
        "What processes of other users have open (/proc/PID/fd) may not be read: run as root "
        "to see all users");
  }
  if (command.json) return json(entries, command.users);
  if (command.devices.empty()) return table(entries);
  std::string out;
  for (const Entry& entry : entries) {
    if (!out.empty()) out += '\n';
    out += details(inventory, entry);
  }
  return out;
}

}  // namespace lintel::commands
