// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/checks.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "passthrough/host/choose.h"
#include "vmm/base/text.h"

namespace lintel::passthrough::host {

namespace {

bool contains(std::span<const PciAddress> list, PciAddress address) {
  return std::find(list.begin(), list.end(), address) != list.end();
}

// Disks that nothing else tells to be in use. To ask the kernel is to have them for a moment, in
// which nobody else can mount them: so it is asked only of what is about to be taken.
void add_claims(const Tree& tree, Uses& uses) {
  for (const std::string& disk : uses.disks) {
    const auto is_its = [&](const DiskUse& use) { return use.disk.starts_with(disk); };
    if (std::ranges::any_of(uses.disk_uses, is_its) || !tree.is_claimed("/dev/" + disk)) continue;
    uses.disk_uses.push_back(
        {disk,
         "in use by the kernel (a file system of a container, or a program that locks it)",
         {}});
  }
}

void add_disks(const Uses& uses, const HostFunction& function, std::vector<Complaint>& out) {
  if (uses.disk_uses.empty()) return;
  Complaint complaint;
  complaint.kind = ComplaintKind::kBusy;
  std::vector<std::string> steps;
  for (const DiskUse& use : uses.disk_uses) {
    complaint.notes.push_back(fmt::format("{} is {}", use.disk, use.what));
    for (const std::string& step : use.steps) {
      if (std::find(steps.begin(), steps.end(), step) == steps.end()) steps.push_back(step);
    }
  }
  complaint.message = fmt::format("the host uses a disk of {}: {}", to_string(function.address),
                                  complaint.notes.front());
  complaint.notes.erase(complaint.notes.begin());
  complaint.help = steps.empty() ? "end that use first" : join(steps, "; ");
  out.push_back(std::move(complaint));
}

// Nodes of things that people unplug: their drivers let go while a program has them open.
bool can_be_unplugged(std::string_view node) {
  constexpr std::string_view kPrefixes[] = {"/dev/input/", "/dev/bus/usb/", "/dev/hidraw",
                                            "/dev/tty",    "/dev/video",    "/dev/media"};
  return std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                     [&](std::string_view prefix) { return node.starts_with(prefix); });
}

void add_holders(const Tree& tree, const Uses& uses, const HostFunction& function,
                 std::vector<Complaint>& out) {
  std::set<std::string> nodes = uses.nodes;
  std::erase_if(nodes, can_be_unplugged);
  const std::vector<Holder> holders = find_holders(tree, nodes);
  if (holders.empty()) return;
  Complaint complaint;
  complaint.kind = ComplaintKind::kBusy;
  complaint.message = fmt::format("programs have {} open", to_string(function.address));
  for (const Holder& holder : holders) {
    complaint.notes.push_back(fmt::format("process {} ({}{}{}) has {}", holder.pid, holder.name,
                                          holder.unit.empty() ? "" : ", ", holder.unit,
                                          holder.node));
  }
  const std::string& unit = holders.front().unit;
  complaint.help = unit.ends_with(".service") ? fmt::format("systemctl stop {}", unit)
                                              : "end these programs first";
  out.push_back(std::move(complaint));
}

void add_network(const Uses& uses, const HostFunction& function, std::vector<Complaint>& out) {
  for (const NetUse& use : uses.interfaces) {
    if (use.default_route.empty()) continue;
    Complaint complaint;
    complaint.kind = ComplaintKind::kNetwork;
    complaint.fatal = false;
    complaint.message = fmt::format(
        "the host's default route goes over {}, which is {}{}", use.interface,
        to_string(function.address),
        use.default_route == use.interface ? "" : fmt::format(", a part of {}", use.default_route));
    complaint.help = "the host loses that connection, and perhaps you the host";
    out.push_back(std::move(complaint));
  }
}

// " (eno1, 10.0.0.5, the host's default route)", or nothing.
std::string networks_of(const Uses& uses) {
  std::vector<std::string> parts;
  for (const NetUse& use : uses.interfaces) {
    parts.push_back(use.interface);
    parts.insert(parts.end(), use.addresses.begin(), use.addresses.end());
    if (use.default_route.empty()) continue;
    if (use.default_route != use.interface) parts.push_back("part of " + use.default_route);
    parts.emplace_back("the host's default route");
  }
  return parts.empty() ? "" : fmt::format(" ({})", join(parts));
}

// Functions that a reset of the bus reaches: those of the same bus.
std::vector<const HostFunction*> bus_mates(const Inventory& inventory,
                                           const HostFunction& function) {
  std::vector<const HostFunction*> mates;
  for (const HostFunction& other : inventory.functions) {
    const bool same = other.address.segment == function.address.segment &&
                      other.address.bdf.bus == function.address.bdf.bus;
    if (same && &other != &function) mates.push_back(&other);
  }
  return mates;
}

std::string range_text(uint64_t first, uint64_t last) {
  return fmt::format("{:#x}-{:#x}", first, last);
}

}  // namespace

std::vector<Complaint> check_siblings(const Inventory& inventory, const HostFunction& function,
                                      std::span<const PciAddress> taken) {
  Complaint left{.kind = ComplaintKind::kSiblings,
                 .fatal = false,
                 .message = fmt::format("other functions of {} stay with the host",
                                        to_string(function.address)),
                 .help = R"(functions = "all" takes them too)"};
  for (const HostFunction& other : inventory.functions) {
    if (is_sibling(other, function) && !contains(taken, other.address)) {
      left.notes.push_back(describe(other));
    }
  }
  if (left.notes.empty()) return {};
  return {left};
}

bool leaves_dma_alone(std::string_view driver) {
  return driver.empty() || driver == "pci-stub" || driver == "pcieport" || is_vfio_driver(driver);
}

std::vector<Complaint> check_uses(const Tree& tree, const UseFinder& finder,
                                  const HostFunction& function) {
  std::vector<Complaint> out;
  Uses uses = finder.find(function);
  add_claims(tree, uses);
  add_disks(uses, function, out);
  if (uses.disk_uses.empty()) add_holders(tree, uses, function, out);
  add_network(uses, function, out);
  return out;
}

std::vector<Complaint> check_group(const Inventory& inventory, const HostFunction& function,
                                   std::span<const PciAddress> taken, const UseFinder* finder) {
  if (!inventory.has_iommu) {
    return {{.kind = ComplaintKind::kNoIommu,
             .message = fmt::format("{} cannot be passed: this host has no IOMMU in use",
                                    to_string(function.address)),
             .help = "switch VT-d, AMD-Vi or SMMU on in the firmware's setup; on Intel also boot "
                     "the host with intel_iommu=on"}};
  }
  const IommuGroup* group = inventory.group(function.group);
  if (group == nullptr) return {};
  if (group->without_iommu) {
    return {{.kind = ComplaintKind::kNoIommu,
             .message = fmt::format("{} is behind no IOMMU: it could overwrite any memory of this "
                                    "host",
                                    to_string(function.address)),
             .help = "pass another device; passthrough.unsafe_noiommu = true takes the risk"}};
  }
  Complaint complaint;
  complaint.kind = ComplaintKind::kGroup;
  bool viable = true;
  for (const PciAddress member : group->members) {
    const HostFunction* other = inventory.find(member);
    if (other == nullptr) continue;
    std::string role;
    if (member == function.address) {
      role = "<- requested";
    } else if (contains(taken, member)) {
      role = "(taken too)";
    } else if (other->is_bridge()) {
      role = "(a bridge, no obstacle)";
    } else if (leaves_dma_alone(other->driver)) {
      role = "(no obstacle)";
    } else {
      role = "<- with the host" + (finder == nullptr ? "" : networks_of(finder->find(*other)));
      viable = false;
    }
    complaint.notes.push_back(fmt::format("{}  {}", describe(*other), role));
  }
  for (const std::string& other : group->other_members) {
    complaint.notes.push_back(fmt::format("{}  <- no PCI device", other));
    viable = false;
  }
  if (viable) return {};
  complaint.message = fmt::format("{} shares IOMMU group {} with devices that the host uses",
                                  to_string(function.address), group->number);
  complaint.help =
      "pass them as well, take their driver away (`lintel bind ADDRESS`), or move a card to "
      "another slot; a kernel with an ACS override only pretends that they are isolated";
  return {std::move(complaint)};
}

std::vector<Complaint> check_reset(const Inventory& inventory, const HostFunction& function,
                                   std::span<const PciAddress> taken,
                                   std::span<const PciAddress> spared) {
  const std::string name = to_string(function.address);
  if (function.reset_methods.empty()) {
    return {{.kind = ComplaintKind::kReset,
             .fatal = false,
             .message = fmt::format("{} cannot be reset", name),
             .help = "a second guest, or the same one after its reboot, may find it in the state "
                     "that the first left; if it then fails, start the host anew"}};
  }
  const bool alone = function.can_reset("flr") || function.can_reset("af_flr") ||
                     function.can_reset("device_specific") || function.can_reset("acpi") ||
                     function.can_reset("pm");
  return alone ? std::vector<Complaint>() : check_bus_reset(inventory, function, taken, spared);
}

bool shares_bus(const Inventory& inventory, const HostFunction& function) {
  return !bus_mates(inventory, function).empty();
}

std::vector<Complaint> check_bus_reset(const Inventory& inventory, const HostFunction& function,
                                       std::span<const PciAddress> taken,
                                       std::span<const PciAddress> spared) {
  Complaint complaint{.kind = ComplaintKind::kReset, .fatal = false, .message = {}};
  for (const HostFunction* mate : bus_mates(inventory, function)) {
    if (!contains(taken, mate->address)) {
      complaint.notes.push_back(describe(*mate));
    } else if (contains(spared, mate->address)) {
      complaint.notes.push_back(describe(*mate) + "  (not to be reset)");
    }
  }
  if (complaint.notes.empty()) return {};
  complaint.message = fmt::format("a reset of {} is one of its whole bus, with these devices",
                                  to_string(function.address));
  complaint.help =
      "pass them to the same guest, with the same `reset` and `reset_when`, or it cannot be reset";
  return {std::move(complaint)};
}

std::vector<Complaint> check_addresses(const IommuGroup& group, std::span<const GuestRange> ram) {
  std::vector<Complaint> out;
  for (const ReservedRegion& region : group.reserved) {
    const uint64_t first = region.range.base.value;
    const uint64_t last = region.range.last();
    if (region.is_unmovable()) {
      out.push_back(
          {.kind = ComplaintKind::kAddresses,
           .message = fmt::format(
               "the host's firmware keeps {} for a device of IOMMU group {} (an RMRR): the kernel "
               "refuses to give it to a guest",
               range_text(first, last), group.number),
           .help = "look in the firmware's setup for a setting that ends this use of the device "
                   "(legacy USB, shared memory of the management controller)"});
    }
    if (!region.bars_ram()) continue;
    for (const GuestRange& range : ram) {
      if (!region.range.overlaps(range)) continue;
      const uint64_t from = std::max(first, range.base.value);
      const uint64_t to = std::min(last, range.last());
      out.push_back(
          {.kind = ComplaintKind::kAddresses,
           .message = fmt::format("the IOMMU does not translate {}, where the guest has RAM",
                                  range_text(from, to)),
           .notes = {fmt::format("reserved_regions of IOMMU group {}: {} {}", group.number,
                                 range_text(first, last), region.type)},
           .help = "give the guest less memory"});
    }
  }
  return out;
}

uint64_t bytes_to_lock(std::span<const GuestRange> ram) {
  uint64_t sum = 0;
  for (const GuestRange& range : ram) sum += range.size;
  return sum;
}

uint64_t window_for(const Inventory& inventory, std::span<const PciAddress> taken, bool wide) {
  uint64_t sum = 0;
  for (const PciAddress address : taken) {
    const HostFunction* function = inventory.find(address);
    if (function == nullptr) continue;
    for (const HostBar& bar : function->bars) {
      if (!bar.ports && bar.wide == wide) sum += bar.size;
    }
  }
  return sum;
}

std::optional<unsigned> iommu_address_bits(const Tree& tree) {
  std::optional<unsigned> narrowest;
  for (const std::string& name : tree.names("/sys/class/iommu")) {
    const auto text = tree.word(fmt::format("/sys/class/iommu/{}/intel-iommu/cap", name));
    if (!text) continue;
    uint64_t capability = 0;
    const auto result = std::from_chars(text->data(), text->data() + text->size(), capability, 16);
    if (result.ec != std::errc{}) continue;
    const auto bits = static_cast<unsigned>(((capability >> 16) & 0x3f) + 1);
    narrowest = std::min(narrowest.value_or(bits), bits);
  }
  return narrowest;
}

}  // namespace lintel::passthrough::host
