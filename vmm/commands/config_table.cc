// SPDX-License-Identifier: Apache-2.0
#include "vmm/commands/config_table.h"

#include <algorithm>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "passthrough/host/choose.h"
#include "passthrough/pci/config_plan.h"
#include "vmm/base/error.h"
#include "vmm/config/load.h"
#include "vmm/host_devices/pci_wish.h"

namespace lintel::commands {
namespace {

using namespace passthrough::host;
using passthrough::pci::CapabilityPlan;
using passthrough::pci::ConfigOptions;
using passthrough::pci::ConfigPlan;
using passthrough::pci::GuestByte;

constexpr size_t kUnprivilegedSize = 64;
constexpr size_t kBytesPerLine = 16;

std::string row(const CapabilityPlan& capability) {
  std::string line =
      fmt::format("{:03x}     {:<8} {:<18} {:<8} {}", capability.offset,
                  fmt::format("{}0x{:02x}", capability.extended ? "ext:" : "", capability.id),
                  capability.name.empty() ? "?" : capability.name, to_string(capability.treatment),
                  capability.reason);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

// What the configuration says of the function.
ConfigOptions options_in(const std::string& file, const Inventory& inventory, PciAddress address) {
  // What it needs besides may be elsewhere, or not there yet.
  const config::Loaded loaded = config::load_file(file, {.check_files = false});
  if (!loaded.ok()) {
    throw Error(fmt::format("{} has errors", file))
        .with_help(fmt::format("`lintel validate {}` shows them", file));
  }
  for (const config::PciConfig& pci : loaded.config.pcis) {
    if (!pci.device) continue;
    const Choice choice = choose(inventory, host_devices::wish_of(pci));
    if (!choice.functions.empty() && choice.functions.front() == address) {
      return {pci.hide, pci.show, pci.patch};
    }
  }
  throw Error(fmt::format("{} has no [[pci]] whose `device` is {}", file, to_string(address)))
      .with_help("with functions = \"all\", what it says is for the function that is named");
}

std::string bytes_line(std::span<const GuestByte> guest, std::string_view device) {
  std::string line;
  for (size_t i = 0; i < guest.size(); ++i) {
    if (!guest[i].known) {
      line += " .. ";
      continue;
    }
    const bool differs = guest[i].value != static_cast<uint8_t>(device[i]);
    line += fmt::format(" {:02x}{}", guest[i].value, differs ? '*' : ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string bytes_table(std::span<const GuestByte> guest, std::string_view device) {
  std::string out =
      "\nBYTES    * differs from the device; .. is what the guest or its machine sets; lines of "
      "zeros "
      "are left out\n";
  for (size_t at = 0; at < guest.size(); at += kBytesPerLine) {
    const auto ours = guest.subspan(at, kBytesPerLine);
    const std::string_view theirs = device.substr(at, kBytesPerLine);
    const bool zeros =
        std::ranges::all_of(ours, [](const GuestByte& byte) { return byte == GuestByte{}; });
    if (zeros && theirs.find_first_not_of('\0') == std::string_view::npos) continue;
    out += fmt::format("{:03x}     {}\n", at, bytes_line(ours, theirs));
  }
  return out;
}

}  // namespace

std::string config_table(const Tree& tree, const Inventory& inventory, const std::string& device,
                         const std::string& from) {
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
  const auto raw = std::as_bytes(std::span(bytes));
  const ConfigPlan plan = passthrough::pci::plan_config(
      raw, from.empty() ? ConfigOptions() : options_in(from, inventory, function.address));
  std::string out = "OFFSET  ID       CAPABILITY         GUEST    WHY\n";
  out += "000     -        header             emulate  identity, BARs and commands by our rules\n";
  for (const CapabilityPlan& capability : plan.capabilities) out += row(capability);
  for (const ConfigPlan::Patch& patch : plan.patches) {
    out += fmt::format("{:03x}     -        patch              emulate  {}\n", patch.offset,
                       patch.text);
  }
  return out + bytes_table(passthrough::pci::guest_view(raw, plan), bytes);
}

}  // namespace lintel::commands
