// SPDX-License-Identifier: Apache-2.0
#include "vmm/commands/config_table.h"

#include <span>

#include <fmt/format.h>

#include "passthrough/host/choose.h"
#include "passthrough/pci/config_plan.h"
#include "vmm/base/error.h"

namespace lintel::commands {
namespace {

using namespace passthrough::host;
using passthrough::pci::CapabilityPlan;
using passthrough::pci::ConfigPlan;

constexpr size_t kUnprivilegedSize = 64;

std::string row(const CapabilityPlan& capability) {
  std::string line =
      fmt::format("{:03x}     {:<8} {:<18} {:<8} {}", capability.offset,
                  fmt::format("{}0x{:02x}", capability.extended ? "ext:" : "", capability.id),
                  capability.name.empty() ? "?" : capability.name, to_string(capability.treatment),
                  capability.reason);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

std::string config_table(const Tree& tree, const Inventory& inventory, const std::string& device) {
  const Choice choice = choose(inventory, {.device = device_named(device)});
  for (const Complaint& complaint : choice.complaints) {
    if (complaint.fatal) throw to_error(complaint);
  }
  const HostFunction& function = *inventory.find(choice.functions.front());
  const std::string bytes = tree.text(function.folder() + "/config");
  if (bytes.size() <= kUnprivilegedSize) {
    throw Error(fmt::format("The kernel shows {} bytes of the configuration space of {}",
                            bytes.size(), to_string(function.address)))
        .with_help("run as root: the capabilities lie behind byte 64");
  }
  const ConfigPlan plan = passthrough::pci::plan_config(std::as_bytes(std::span(bytes)), {});
  std::string out = "OFFSET  ID       CAPABILITY         GUEST    WHY\n";
  out += "000     -        header             emulate  identity, BARs and commands by our rules\n";
  for (const CapabilityPlan& capability : plan.capabilities) out += row(capability);
  return out;
}

}  // namespace lintel::commands
