// SPDX-License-Identifier: Apache-2.0
#include "vmm/host_devices/host_check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "passthrough/host/checks.h"
#include "passthrough/host/choose.h"
#include "passthrough/host/limits.h"
#include "passthrough/host/rom_image.h"
#include "passthrough/host/uses.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/base/unique_fd.h"
#include "vmm/config/units.h"
#include "vmm/host_devices/pci_wish.h"
#include "vmm/memory/address_plan.h"

namespace lintel::host_devices {

namespace {

using namespace passthrough::host;
using config::PciBind;
using config::PciConfig;
using config::PciReset;
using config::ProblemId;

ProblemId id_of(ComplaintKind kind) {
  switch (kind) {
    case ComplaintKind::kNoDevice: return ProblemId::kNoDevice;
    case ComplaintKind::kOtherDevice: return ProblemId::kOtherDevice;
    case ComplaintKind::kBusy: return ProblemId::kDeviceBusy;
    case ComplaintKind::kDriver: return ProblemId::kDriver;
    case ComplaintKind::kNoIommu: return ProblemId::kNoIommu;
    case ComplaintKind::kGroup: return ProblemId::kGroup;
    case ComplaintKind::kAddresses: return ProblemId::kAddresses;
    case ComplaintKind::kReset: return ProblemId::kReset;
    case ComplaintKind::kSiblings: return ProblemId::kSiblings;
    case ComplaintKind::kNetwork: return ProblemId::kNetwork;
    case ComplaintKind::kRom: return ProblemId::kRom;
    case ComplaintKind::kVga: return ProblemId::kVga;
  }
  return ProblemId::kNoDevice;
}

class HostCheck {
 public:
  HostCheck(const HostView& host, const config::Config& config, const config::Places& places,
            config::Diagnostics& diagnostics)
      : host_(host),
        config_(config),
        places_(places),
        diagnostics_(diagnostics),
        inventory_(take_inventory(host.tree)),
        before_(with_old_resets(inventory_, host.journals)),
        finder_(host.tree) {}

  void run() {
    for (size_t i = 0; i < config_.pcis.size(); ++i) choose_functions(i);
    place_ram();
    choose_backend();
    for (const auto& [address, pci] : owner_) check_function(address, pci);
    for (size_t i = 0; i < config_.pcis.size(); ++i) check_rom(i);
    if (taken_.empty()) return;
    check_lock_limit();
    check_windows();
  }

 private:
  void report(const Complaint& complaint, size_t pci, std::string_view key) {
    const config::Origin origin = places_.of("pci", pci, key);
    config::Problem& problem =
        complaint.fatal ? diagnostics_.error(id_of(complaint.kind), origin, complaint.message)
                        : diagnostics_.warning(id_of(complaint.kind), origin, complaint.message);
    problem.notes = complaint.notes;
    problem.help = complaint.help;
  }

  void choose_functions(size_t pci) {
    if (!config_.pcis[pci].device) return;
    const Choice choice = choose(inventory_, wish_of(config_.pcis[pci]));
    for (const Complaint& complaint : choice.complaints) {
      const bool other = complaint.kind == ComplaintKind::kOtherDevice;
      report(complaint, pci, other ? "expect" : "device");
    }
    if (!choice.functions.empty()) named_.emplace(pci, choice.functions.front());
    for (const PciAddress address : choice.functions) {
      const auto [first, added] = owner_.try_emplace(address, pci);
      if (added) {
        taken_.push_back(address);
        continue;
      }
      diagnostics_
          .error(ProblemId::kConflict, places_.of("pci", pci, "device"),
                 fmt::format("{} is taken twice", to_string(address)))
          .notes.push_back(fmt::format("first by \"{}\"", config_.pcis[first->second].id));
    }
  }

  // As the machine will: around what the groups' IOMMUs do not translate.
  void place_ram() {
    std::vector<GuestRange> usable{kAllAddresses};
    for (const PciAddress address : taken_) {
      const IommuGroup* group = inventory_.group(inventory_.find(address)->group);
      if (group == nullptr) continue;
      for (const ReservedRegion& region : group->reserved) {
        if (region.bars_ram()) usable = intersect(usable, around(region.range));
      }
    }
    try {
      ram_ = host_.place_ram(usable);
    } catch (const Error& error) {
      config::Problem& problem =
          diagnostics_.error(ProblemId::kAddresses, places_.of("memory", "size"), error.what());
      problem.help = error.help();
    }
  }

  static std::vector<GuestRange> around(GuestRange hole) {
    std::vector<GuestRange> rest;
    if (hole.base.value != 0) rest.push_back({GuestAddress(0), hole.base.value});
    if (hole.last() < kAllAddresses.last()) {
      rest.push_back({GuestAddress(hole.last() + 1), kAllAddresses.last() - hole.last()});
    }
    return rest;
  }

  // Nodes come with the first device that is bound, so only who has one bound can miss them.
  void choose_backend() {
    const auto bound = std::ranges::find_if(owner_, [&](const auto& item) {
      return config_.pcis[item.second].bind == PciBind::kManual &&
             is_vfio_driver(inventory_.find(item.first)->driver);
    });
    if (bound == owner_.end()) return;
    try {
      backend_ = passthrough::choose_backend(backend_of(config_.passthrough.backend),
                                             passthrough::find_backends_below(host_.tree.at("")));
    } catch (const Error& error) {
      const config::Origin key = places_.of("passthrough", "backend");
      diagnostics_
          .error(ProblemId::kBackend,
                 key.line != 0 ? key : places_.of("pci", bound->second, "device"), error.what())
          .help = error.help();
    }
  }

  void check_function(PciAddress address, size_t pci) {
    const HostFunction& function = *inventory_.find(address);
    const bool there = is_vfio_driver(function.driver);
    if (config_.pcis[pci].bind == PciBind::kManual && !there) {
      report({.kind = ComplaintKind::kDriver,
              .message = fmt::format("{} has {}, not vfio-pci", to_string(address),
                                     function.driver.empty() ? "no driver" : function.driver),
              .help = fmt::format("`lintel bind {}`, or bind = \"auto\"", to_string(address))},
             pci, "bind");
    }
    if (is_named(address, pci)) {
      for (const Complaint& complaint : check_siblings(inventory_, function, taken_)) {
        report(complaint, pci, "device");
      }
    }
    for (const Complaint& complaint : check_uses(host_.tree, finder_, function)) {
      report(complaint, pci, "device");
    }
    check_iommu(function, pci);
    check_resets(address, pci);
    check_vga(function, pci);
    check_permission(function, pci);
  }

  void check_resets(PciAddress address, size_t pci) {
    const bool manual = config_.pcis[pci].bind == PciBind::kManual;
    const Inventory& inventory = manual ? inventory_ : before_;
    const HostFunction& function = *inventory.find(address);
    const PciReset reset = config_.pcis[pci].reset;
    switch (reset) {
      case PciReset::kNone: break;
      case PciReset::kAuto:
        for (const Complaint& complaint :
             check_reset(inventory, function, taken_, spared_by(pci))) {
          report(complaint, pci, "device");
        }
        break;
      case PciReset::kBus:
        for (const Complaint& complaint :
             check_bus_reset(inventory, function, taken_, spared_by(pci))) {
          report(complaint, pci, "reset");
        }
        break;
      case PciReset::kFlr:
      case PciReset::kDeviceSpecific:
      case PciReset::kPm: check_reset_method(function, pci); break;
    }
  }

  // Functions that are not reset each time when those of this [[pci]] are.
  std::vector<PciAddress> spared_by(size_t pci) const {
    std::vector<PciAddress> spared;
    for (const auto& [address, other] : owner_) {
      const PciConfig& its = config_.pcis[other];
      const bool always =
          std::ranges::all_of(config_.pcis[pci].reset_when, [&](const std::string& moment) {
            return std::ranges::find(its.reset_when, moment) != its.reset_when.end();
          });
      if (its.reset == PciReset::kNone || !always) spared.push_back(address);
    }
    return spared;
  }

  void check_reset_method(const HostFunction& function, size_t pci) {
    // Its neighbours are reset as they can be.
    if (!is_named(function.address, pci)) return;
    const PciReset reset = config_.pcis[pci].reset;
    const std::string method = reset_method_of(reset, function);
    const std::string list = function.reset_method_list();
    if (method.empty()) {
      report({.kind = ComplaintKind::kReset,
              .message = fmt::format("{} has no reset \"{}\"", to_string(function.address),
                                     reset_methods_of(reset).front()),
              .notes = {list.empty() ? "the kernel knows none (reset_method, from Linux 5.15 on)"
                                     : fmt::format("it has: {}", list)},
              .help = R"(remove `reset`: "auto" takes what there is)"},
             pci, "reset");
    } else if (config_.pcis[pci].bind == PciBind::kManual && list != method) {
      report({.kind = ComplaintKind::kReset,
              .message = fmt::format("the kernel resets {} by \"{}\", and bind = \"manual\" does "
                                     "not change that",
                                     to_string(function.address), list),
              .help = fmt::format("as root: echo {} > {}/reset_method", method, function.folder())},
             pci, "reset");
    }
  }

  void check_vga(const HostFunction& function, size_t pci) {
    constexpr uint32_t kVgaController = 0x0300;
    if (!config_.pcis[pci].vga || !is_named(function.address, pci)) return;
    if (function.class_code >> 8 == kVgaController) return;
    report({.kind = ComplaintKind::kVga,
            .message = fmt::format("{} is no VGA controller (class {:06x}), and has no legacy "
                                   "addresses",
                                   to_string(function.address), function.class_code),
            .help = "remove `vga`, or give it to the graphics card's first function"},
           pci, "vga");
  }

  bool is_named(PciAddress address, size_t pci) const {
    const auto named = named_.find(pci);
    return named != named_.end() && named->second == address;
  }

  void check_iommu(const HostFunction& function, size_t pci) {
    for (const Complaint& complaint : check_group(inventory_, function, taken_, &finder_)) {
      const bool allowed =
          complaint.kind == ComplaintKind::kNoIommu && config_.passthrough.unsafe_noiommu;
      if (!allowed) report(complaint, pci, "device");
    }
    if (const IommuGroup* group = inventory_.group(function.group)) {
      for (const Complaint& complaint : check_addresses(*group, ram_)) {
        report(complaint, pci, "device");
      }
    }
  }

  void check_permission(const HostFunction& function, size_t pci) {
    if (config_.pcis[pci].bind != PciBind::kManual) {
      const std::string path = function.folder() + "/driver_override";
      if (host_.tree.is_writable(path)) return;
      diagnostics_
          .error(ProblemId::kPermission, places_.of("pci", pci, "bind"),
                 fmt::format("you may not write to {}", path))
          .help = R"(run as root, or `lintel bind` it as root and set bind = "manual")";
    } else if (is_vfio_driver(function.driver)) {
      for (const std::string& node : nodes_to_open(function)) check_node(node, pci);
    }
  }

  std::vector<std::string> nodes_to_open(const HostFunction& function) const {
    if (!backend_ || !function.group) return {};
    if (*backend_ == passthrough::Backend::kContainer) {
      return {"/dev/vfio/vfio", group_node(host_.tree, function)};
    }
    const std::string own = device_node(host_.tree, function);
    return {"/dev/iommu",
            own.empty() ? "/dev/vfio/devices/vfioN of " + to_string(function.address) : own};
  }

  void check_node(const std::string& node, size_t pci) {
    if (host_.tree.is_writable(node)) return;
    const bool there = host_.tree.exists(node);
    diagnostics_
        .error(ProblemId::kPermission, places_.of("pci", pci, "device"),
               fmt::format("{} {}", there ? "you may not write to" : "there is no", node))
        .help = there ? fmt::format("as root: chown USER {}; a udev rule makes it last", node)
                      : "a container must be given the node; else the host's kernel lacks it, and "
                        "another passthrough.backend may do";
  }

  void check_rom(size_t pci) {
    const std::string& file = config_.pcis[pci].rom;
    const auto named = std::find_if(owner_.begin(), owner_.end(),
                                    [&](const auto& item) { return item.second == pci; });
    if (file.empty() || named == owner_.end()) return;
    try {
      constexpr uint64_t kMaxRom = 16 * kMiB;
      const std::string bytes = read_whole_file(file, kMaxRom);
      for (Complaint& complaint : check_rom_image(bytes, inventory_.find(named->first)->ids)) {
        report(complaint, pci, "rom");
      }
    } catch (const Error& error) {
      report({.kind = ComplaintKind::kRom, .message = error.what()}, pci, "rom");
    }
  }

  void check_lock_limit() {
    const uint64_t need = bytes_to_lock(ram_);
    const std::optional<uint64_t> limit = locked_memory_limits(host_.tree).hard;
    if (!limit || *limit >= need) return;
    config::Problem& problem = diagnostics_.error(
        ProblemId::kMemlock, places_.of("memory", "size"),
        fmt::format("the devices need {} KiB of locked memory, the guest's RAM; at most {} KiB are "
                    "allowed",
                    need >> 10, *limit >> 10));
    problem.help = fmt::format(
        "`ulimit -l {}`, LimitMEMLOCK={} in a systemd unit, or for a user \"USER - memlock {}\" in "
        "/etc/security/limits.conf",
        need >> 10, need, need >> 10);
  }

  void check_windows() {
    const uint64_t narrow = window_for(inventory_, taken_, /*wide=*/false);
    if (narrow > host_.pci_memory32.size) {
      config::Problem& problem = diagnostics_.error(
          ProblemId::kWindow, places_.of("pci", 0, "device"),
          fmt::format("the devices' 32-bit BARs need {} MiB below 4 GiB, and there are {}",
                      narrow >> 20, host_.pci_memory32.size >> 20));
      for (const PciAddress address : taken_) {
        const uint64_t own = window_for(inventory_, {&address, 1}, /*wide=*/false);
        problem.notes.push_back(fmt::format("{}: {} MiB", to_string(address), own >> 20));
      }
      problem.help = "pass fewer of them to this guest";
    }
    const std::optional<unsigned> bits = iommu_address_bits(host_.tree);
    if (!bits || ram_.empty() || *bits >= 64) return;
    // Devices reach RAM by the IOMMU; each other's BARs only where that is asked for. BARs are
    // aligned to their sizes, which costs at most their sum again.
    uint64_t end = ram_.back().end();
    if (config_.passthrough.peer_to_peer) {
      end += 2 * window_for(inventory_, taken_, /*wide=*/true);
    }
    if (end <= uint64_t{1} << *bits) return;
    diagnostics_
        .error(ProblemId::kWindow, places_.of("memory", "size"),
               fmt::format("the guest needs addresses up to {:#x}, and this host's IOMMU has {} "
                           "bits of them",
                           end, *bits))
        .help = config_.passthrough.peer_to_peer
                    ? "set passthrough.peer_to_peer = false, or give the guest less memory"
                    : "give the guest less memory";
  }

  const HostView& host_;
  const config::Config& config_;
  const config::Places& places_;
  config::Diagnostics& diagnostics_;
  const Inventory inventory_;
  const Inventory before_;  // with the reset methods of then, which come back when we bind
  const UseFinder finder_;
  std::map<PciAddress, size_t> owner_;  // which [[pci]] takes a function
  std::map<size_t, PciAddress> named_;  // the one that a [[pci]] names
  std::vector<PciAddress> taken_;
  std::vector<GuestRange> ram_;
  std::optional<passthrough::Backend> backend_;  // if it can be told
};

}  // namespace

void check_host(const HostView& host, const config::Config& config, const config::Places& places,
                config::Diagnostics& diagnostics) {
  HostCheck(host, config, places, diagnostics).run();
}

void check_attach(const HostView& host, const config::Config& config,
                  const config::PciConfig& pci) {
  config::Config alone = config;
  alone.pcis = {pci};
  const config::Node nowhere;
  config::Diagnostics diagnostics;
  diagnostics.add_source("attach", "");
  check_host(host, alone, config::Places(nowhere), diagnostics);
  std::string text;
  std::string help;
  for (const config::Problem& problem : diagnostics.take()) {
    std::string message = problem.message;
    for (const std::string& note : problem.notes) message += "\n  note: " + note;
    if (problem.severity == config::Severity::kWarning) {
      log::warn("{}", message);
      continue;
    }
    text += (text.empty() ? "" : "\n") + message;
    if (help.empty()) help = problem.help;
  }
  if (!text.empty()) throw Error(std::move(text)).with_help(help);
}

}  // namespace lintel::host_devices
