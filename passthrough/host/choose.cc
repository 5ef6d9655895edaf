// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/choose.h"

#include <fmt/format.h>

#include "vmm/base/error.h"

namespace lintel::passthrough::host {

namespace {

std::vector<const HostFunction*> with_ids(const Inventory& inventory, PciIds ids) {
  std::vector<const HostFunction*> found;
  for (const HostFunction& function : inventory.functions) {
    if (function.ids == ids) found.push_back(&function);
  }
  return found;
}

Complaint not_there(const Inventory& inventory, const Wish& wish, PciAddress address) {
  Complaint complaint;
  complaint.message = fmt::format("the host has no PCI device {}", to_string(address));
  if (wish.expect) {
    for (const HostFunction* function : with_ids(inventory, *wish.expect)) {
      complaint.notes.push_back(
          fmt::format("{} is now at {}", to_string(*wish.expect), to_string(function->address)));
    }
  }
  complaint.help = "`lintel devices` lists what there is";
  return complaint;
}

Complaint other_device(const Inventory& inventory, const HostFunction& function, PciIds expected) {
  Complaint complaint;
  complaint.kind = ComplaintKind::kOtherDevice;
  complaint.message = fmt::format("{} is {}, not {}", to_string(function.address),
                                  to_string(function.ids), to_string(expected));
  for (const HostFunction* other : with_ids(inventory, expected)) {
    std::string note =
        fmt::format("{} is now at {}", to_string(expected), to_string(other->address));
    if (other->group) note += fmt::format(" (IOMMU group {})", *other->group);
    complaint.notes.push_back(std::move(note));
  }
  if (complaint.notes.empty()) {
    complaint.notes.push_back(fmt::format("the host has no {}", to_string(expected)));
  }
  complaint.help = "correct `device`, or `expect` if this one is meant";
  return complaint;
}

}  // namespace

std::string describe(const HostFunction& function) {
  return fmt::format("{}  {}  {}  {}", to_string(function.address), to_string(function.ids),
                     class_name(function.class_code),
                     function.driver.empty() ? "(no driver)" : function.driver);
}

Choice choose(const Inventory& inventory, const Wish& wish) {
  Choice choice;
  const HostFunction* named = nullptr;
  if (const auto* ids = std::get_if<PciIds>(&wish.device)) {
    const std::vector<const HostFunction*> found = with_ids(inventory, *ids);
    if (found.size() != 1) {
      Complaint complaint;
      complaint.message =
          found.empty() ? fmt::format("the host has no PCI device {}", to_string(*ids))
                        : fmt::format("the host has {} devices {}", found.size(), to_string(*ids));
      for (const HostFunction* function : found) complaint.notes.push_back(describe(*function));
      complaint.help =
          found.empty() ? "`lintel devices` lists what there is" : "name one by its address";
      choice.complaints.push_back(std::move(complaint));
      return choice;
    }
    named = found.front();
  } else {
    const PciAddress address = std::get<PciAddress>(wish.device);
    named = inventory.find(address);
    if (named == nullptr) {
      choice.complaints.push_back(not_there(inventory, wish, address));
      return choice;
    }
  }
  if (wish.expect && named->ids != *wish.expect) {
    choice.complaints.push_back(other_device(inventory, *named, *wish.expect));
    return choice;
  }
  if (named->is_bridge()) {
    choice.complaints.push_back(
        {.message = fmt::format("{} is a PCI bridge", to_string(named->address)),
         .help = "pass the devices behind it"});
    return choice;
  }
  choice.functions.push_back(named->address);
  if (!wish.all_functions) return choice;
  for (const HostFunction& other : inventory.functions) {
    if (is_sibling(other, *named)) choice.functions.push_back(other.address);
  }
  return choice;
}

bool is_sibling(const HostFunction& one, const HostFunction& other) {
  return one.address != other.address && one.address.same_slot(other.address) &&
         !one.virtual_function && !other.virtual_function;
}

DeviceName device_named(const std::string& text) {
  if (const auto name = parse_device(text)) return *name;
  throw Error(fmt::format("\"{}\" is neither an address nor vendor:device", text))
      .with_help(R"(write "0000:01:00.0" or "10de:2684")");
}

}  // namespace lintel::passthrough::host
