// SPDX-License-Identifier: Apache-2.0
#include "vmm/commands/bind.h"

#include <fmt/format.h>

#include "passthrough/host/checks.h"
#include "passthrough/host/choose.h"
#include "passthrough/host/inventory.h"
#include "passthrough/host/uses.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"

namespace lintel::commands {

using namespace passthrough::host;

std::string bind(const HostAccess& host, const std::vector<std::string>& devices) {
  const Inventory inventory = take_inventory(host.tree);
  const UseFinder finder(host.tree);
  std::vector<PciAddress> addresses;
  for (const std::string& device : devices) {
    const Choice choice = choose(inventory, {.device = device_named(device)});
    for (const Complaint& complaint : choice.complaints) {
      if (complaint.fatal) throw to_error(complaint);
    }
    addresses.push_back(choice.functions.front());
  }
  for (const PciAddress address : addresses) {
    const HostFunction& function = *inventory.find(address);
    if (is_vfio_driver(function.driver)) continue;
    for (const Complaint& complaint : check_uses(host.tree, finder, function)) {
      if (complaint.fatal) throw to_error(complaint);
      log::warn("{}", complaint.message);
    }
  }
  bind_and_keep(host, addresses);
  std::string out;
  for (const PciAddress address : addresses) {
    const auto function = read_function(host.tree, address);
    out += fmt::format("{} is with {}\n", to_string(address),
                       function ? function->driver : "nothing: it is gone");
  }
  return out;
}

Restored restore(const HostAccess& host, const std::string& name) {
  std::vector<std::string> names{name};
  if (name.empty()) names = restorable(host.journals);
  Restored restored;
  for (const std::string& one : names) {
    try {
      RestoreReport report = restore_journal(host, one);
      for (const PciAddress address : report.restored) {
        const auto function = read_function(host.tree, address);
        const std::string state = !function                  ? "is gone"
                                  : function->driver.empty() ? "has no driver, as before"
                                                             : "is with " + function->driver;
        restored.text += fmt::format("{} {}\n", to_string(address), state);
      }
      for (const std::string& failure : report.failures) {
        restored.failures.push_back(fmt::format("Cannot restore {}", failure));
      }
    } catch (const Error& error) {
      if (!name.empty()) throw;
      restored.failures.push_back(error.describe());  // the others may be well
    }
  }
  // A user has a list of his own, and root's has most devices.
  if (constexpr std::string_view kRoots = "/run/lintel";
      host.tree.exists(kRoots) && !host.tree.is_readable(kRoots)) {
    restored.failures.push_back(fmt::format(
        "Cannot read {}, where root's machines have their devices: run as root", kRoots));
  }
  if (restored.text.empty() && restored.failures.empty()) {
    restored.text = "nothing is left to restore\n";
  }
  return restored;
}

}  // namespace lintel::commands
