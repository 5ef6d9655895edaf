// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/bound_devices.h"

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "passthrough/host/checks.h"
#include "passthrough/host/choose.h"
#include "passthrough/host/uses.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"

namespace lintel::passthrough::host {

namespace {

OldState* find(std::vector<OldState>& devices, PciAddress address) {
  const auto found = std::find_if(devices.begin(), devices.end(),
                                  [&](const OldState& old) { return old.address == address; });
  return found == devices.end() ? nullptr : &*found;
}

bool same_card(const OldState* old, const HostFunction& function) {
  return old != nullptr && old->ids == function.ids;
}

// Another process that has the function open, in words. A machine may have it by bind = "manual",
// with no journal that tells.
std::string other_user(const Tree& tree, const OldState& old) {
  const auto function = read_function(tree, old.address);
  if (!function || !same_card(&old, *function) || !is_vfio_driver(function->driver)) return {};
  std::set<std::string> nodes{group_node(tree, *function), device_node(tree, *function)};
  nodes.erase(std::string());
  const std::vector<Holder> holders = find_holders(tree, nodes);
  if (holders.empty()) return {};
  const Holder& holder = holders.front();
  return fmt::format("{}: it is in use by process {} ({}), which has {} open",
                     to_string(old.address), holder.pid, holder.name, holder.node);
}

// Restores the last first, and keeps those that fail.
RestoreReport restore_each(const HostAccess& host, Binder& binder, std::vector<OldState>& devices) {
  RestoreReport report;
  std::vector<OldState> left;
  while (!devices.empty()) {
    OldState old = std::move(devices.back());
    devices.pop_back();
    const std::string user = other_user(host.tree, old);
    std::vector<std::string> failures =
        user.empty() ? binder.restore(old) : std::vector<std::string>{user};
    if (failures.empty()) {
      report.restored.push_back(old.address);
      continue;
    }
    std::move(failures.begin(), failures.end(), std::back_inserter(report.failures));
    left.insert(left.begin(), std::move(old));
  }
  devices = std::move(left);
  return report;
}

// With the lock held.
RestoreReport restore_all(const HostAccess& host, Journal& journal) {
  Binder binder(host.tree, host.writer);
  RestoreReport report = restore_each(host, binder, journal.devices);
  host.journals.store(journal);
  return report;
}

void log_failures(const RestoreReport& report) {
  for (const std::string& failure : report.failures) log::error("Cannot restore {}", failure);
}

// Functions that are kept have their own ways of being reset back when a run ends; all else of them
// waits for `lintel restore`. With the lock held.
std::vector<std::string> restore_kept_resets(const HostAccess& host,
                                             const std::vector<PciAddress>& addresses) {
  std::vector<std::string> failures;
  if (addresses.empty()) return failures;
  try {
    const std::optional<Journal> kept = host.journals.load({});
    if (!kept) return failures;
    Binder binder(host.tree, host.writer);
    for (const OldState& old : kept->devices) {
      if (std::find(addresses.begin(), addresses.end(), old.address) == addresses.end()) continue;
      std::ranges::move(binder.restore_reset(old), std::back_inserter(failures));
    }
  } catch (const Error& error) {
    failures.push_back(error.describe());
  }
  return failures;
}

bool changes_something(const BindRequest& request) {
  return request.mode != BindMode::kManual;
}

bool has(const std::vector<BoundFunction>& functions, PciAddress address) {
  return std::ranges::find(functions, address, &BoundFunction::address) != functions.end();
}

// One binding of several functions: from the first look at them to all of them bound, or none.
class Binding {
 public:
  // `open`: what the machine has, if it is one that runs, of this process.
  Binding(const HostAccess& host, std::string name,
          const std::vector<BoundFunction>* open = nullptr)
      : host_(host), binder_(host.tree, host.writer), open_(open) {
    own_.name = std::move(name);
    own_.owner = own_.name.empty() ? std::nullopt : identify(host.tree, getpid());
  }

  std::vector<BoundFunction> run(const std::vector<BindRequest>& requests) {
    const bool changes = std::any_of(requests.begin(), requests.end(), changes_something);
    if (!changes) {
      for (const BindRequest& request : requests) plan(request);
      return open_names(requests);
    }
    const UniqueFd lock = host_.journals.lock();
    for (const std::string& name : host_.journals.names()) look_at(name, requests);
    for (const BindRequest& request : requests) plan(request);
    store();
    try {
      clean_up();
      for (const BindRequest& request : requests) {
        if (!changes_something(request)) continue;
        binder_.bind(request.address, request.resize, reset_methods_of(request));
      }
      // Devices for later may be bound one by one: their group is judged when they are opened.
      return own_.name.empty() ? std::vector<BoundFunction>() : open_names(requests);
    } catch (const Error&) {
      roll_back(requests);
      throw;
    }
  }

 private:
  static bool wanted(const std::vector<BindRequest>& requests, PciAddress address) {
    return std::any_of(requests.begin(), requests.end(), [&](const BindRequest& request) {
      return request.address == address && changes_something(request);
    });
  }

  // A journal of before: its machine has devices that are wanted, or left some behind.
  void look_at(const std::string& name, const std::vector<BindRequest>& requests) {
    std::optional<Journal> journal;
    try {
      journal = host_.journals.load(name);
    } catch (const Error& error) {
      if (name.empty() || name == own_.name) throw;
      log::warn("{}", error.describe());  // another machine's trouble
    }
    if (!journal) return;
    if (name.empty()) {
      kept_ = std::move(*journal);
      kept_before_ = kept_.devices;
      return;
    }
    if (!host_.journals.is_stale(*journal)) {
      if (open_ != nullptr && name == own_.name && journal->owner == own_.owner) {
        have_ = std::move(journal->devices);
        return;
      }
      if (name == own_.name) {
        throw host_.journals.in_use(*journal, "stop it, or give this one another vm.name");
      }
      for (const BindRequest& request : requests) {
        if (find(journal->devices, request.address) == nullptr) continue;
        throw host_.journals.in_use(*journal).with_context(
            fmt::format("{} belongs to the machine {}", to_string(request.address), name));
      }
      return;
    }
    bool changed = false;
    for (OldState& old : std::exchange(journal->devices, {})) {
      if (wanted(requests, old.address)) {
        inherited_.push_back(std::move(old));
        changed = true;
      } else if (name == own_.name) {
        leftovers_.push_back(std::move(old));
      } else {
        journal->devices.push_back(std::move(old));
      }
    }
    if (changed && name != own_.name) robbed_.push_back(std::move(*journal));
  }

  bool is_open(PciAddress address) const { return open_ != nullptr && has(*open_, address); }

  void plan(const BindRequest& request) {
    const auto function = read_function(host_.tree, request.address);
    if (!function) throw_error("The host has no PCI device {}", to_string(request.address));
    if (request.mode == BindMode::kManual) {
      if (is_vfio_driver(function->driver)) return;
      throw Error(fmt::format("{} has {}, not vfio-pci", to_string(request.address),
                              function->driver.empty() ? "no driver" : function->driver))
          .with_help(
              fmt::format("`lintel bind {}`, or set bind = \"auto\"", to_string(request.address)));
    }
    if (is_open(request.address)) {
      throw_error("This machine has {} already", to_string(request.address));
    }
    // Its old state is known there, unless another card has come: of what is kept, and of what this
    // machine had and could not give back.
    for (std::vector<OldState>* known : {&kept_.devices, &have_}) {
      if (same_card(find(*known, request.address), *function)) return;
      std::erase_if(*known, [&](const auto& old) { return old.address == request.address; });
    }
    const OldState* before = find(inherited_, request.address);
    const OldState old =
        same_card(before, *function) ? *before : old_state(host_.writer, *function);
    const bool keep = own_.name.empty() || request.mode == BindMode::kKeep;
    (keep ? kept_ : own_).devices.push_back(old);
  }

  void store() {
    own_.devices.insert(own_.devices.begin(), leftovers_.begin(), leftovers_.end());
    if (kept_.devices != kept_before_) host_.journals.store(kept_);
    store_own();
    for (const Journal& journal : robbed_) host_.journals.store(journal);
  }

  void store_own() {
    if (own_.name.empty()) return;
    Journal all = own_;
    all.devices.insert(all.devices.begin(), have_.begin(), have_.end());
    host_.journals.store(all);
  }

  // What the machine of this name left behind and does not want again.
  void clean_up() {
    if (leftovers_.empty()) return;
    for (const OldState& old : leftovers_) std::erase(own_.devices, old);
    log_failures(restore_each(host_, binder_, leftovers_));
    own_.devices.insert(own_.devices.begin(), leftovers_.begin(), leftovers_.end());
    store_own();
  }

  // A machine that was killed may have left a function with one method alone.
  std::string reset_methods_of(const BindRequest& request) {
    if (!request.reset_method.empty()) return request.reset_method;
    // `lintel bind` once more: a machine may use what is kept.
    if (own_.name.empty() && find(kept_before_, request.address) != nullptr) return {};
    for (std::vector<OldState>* known : {&kept_.devices, &have_, &own_.devices}) {
      const OldState* old = find(*known, request.address);
      if (old != nullptr) return old->reset_methods;
    }
    return {};
  }

  std::vector<BoundFunction> open_names(const std::vector<BindRequest>& requests) const {
    const Inventory inventory = take_inventory(host_.tree);
    std::vector<PciAddress> taken;
    taken.reserve(requests.size());
    for (const BindRequest& request : requests) taken.push_back(request.address);
    std::vector<BoundFunction> out;
    for (const PciAddress address : taken) {
      const HostFunction* function = inventory.find(address);
      if (function == nullptr) throw_error("The PCI device {} is gone", to_string(address));
      // Some groups are known only now.
      for (const Complaint& complaint : check_group(inventory, *function, taken)) {
        // Whoever opens a device without an IOMMU knows whether that was asked for.
        if (complaint.kind != ComplaintKind::kNoIommu) throw to_error(complaint);
      }
      if (!function->group) {
        throw Error(fmt::format("{} has no IOMMU group", to_string(address)))
            .with_help("the host's IOMMU does not serve its bus");
      }
      out.push_back({address, function->ids, group_node(host_.tree, *function),
                     device_node(host_.tree, *function)});
    }
    return out;
  }

  void roll_back(const std::vector<BindRequest>& requests) noexcept {
    try {
      // Of what is kept, only what was not there before.
      std::vector<OldState> fresh;
      for (const OldState& old : kept_.devices) {
        if (find(kept_before_, old.address) == nullptr) fresh.push_back(old);
      }
      log_failures(restore_each(host_, binder_, fresh));
      log_failures(restore_each(host_, binder_, own_.devices));
      for (const BindRequest& request : requests) {
        const OldState* kept = find(kept_before_, request.address);
        if (kept == nullptr || !changes_something(request) || request.reset_method.empty())
          continue;
        log_failures({.restored = {}, .failures = binder_.restore_reset(*kept)});
      }
      if (kept_.devices != kept_before_) {
        kept_.devices = kept_before_;
        kept_.devices.insert(kept_.devices.end(), fresh.begin(), fresh.end());
        host_.journals.store(kept_);
      }
      store_own();
    } catch (const std::exception& error) {
      log::error("Cannot give the devices back: {}", error.what());
    }
  }

  HostAccess host_;
  Binder binder_;
  const std::vector<BoundFunction>* const open_;
  Journal own_;
  std::vector<OldState> have_;         // of this process, from earlier bindings; some have left
  Journal kept_;                       // bound.json
  std::vector<OldState> kept_before_;  // its devices, as we found it
  std::vector<OldState> inherited_;    // wanted, and left bound by a machine that is gone
  std::vector<OldState> leftovers_;    // the same, not wanted
  std::vector<Journal> robbed_;        // where `inherited_` came from
};

}  // namespace

BoundDevices::BoundDevices(const HostAccess& host, std::string name,
                           const std::vector<BindRequest>& requests)
    : host_(host), name_(std::move(name)) {
  if (name_.empty()) throw Error("A machine that has devices needs a name");
  functions_ = with_context([&] { return std::string("Cannot take devices from the host"); },
                            [&] { return Binding(host_, name_).run(requests); });
  restored_ = std::none_of(requests.begin(), requests.end(), changes_something);
  note_resets(requests);
}

void BoundDevices::note_resets(const std::vector<BindRequest>& requests) {
  for (const BindRequest& request : requests) {
    if (!changes_something(request) || request.reset_method.empty()) continue;
    with_our_reset_.push_back(request.address);
  }
}

void BoundDevices::add(const std::vector<BindRequest>& requests) {
  // Even if it fails: what then could not be undone is in the journal, for the end to try again.
  if (std::any_of(requests.begin(), requests.end(), changes_something)) restored_ = false;
  std::vector<BoundFunction> more =
      with_context([&] { return std::string("Cannot take devices from the host"); },
                   [&] { return Binding(host_, name_, &functions_).run(requests); });
  std::erase_if(waiting_, [&](const BoundFunction& waiting) { return has(more, waiting.address); });
  std::move(more.begin(), more.end(), std::back_inserter(functions_));
  note_resets(requests);
}

// The others of its IOMMU group that the guest has.
std::string BoundDevices::mates_of(const BoundFunction& function) const {
  std::string mates;
  for (const BoundFunction& other : functions_) {
    if (other.group_node != function.group_node) continue;
    mates += (mates.empty() ? "" : ", ") + to_string(other.address);
  }
  return mates;
}

// Out of the journal: what of the functions that wait can be given back now.
std::vector<OldState> BoundDevices::take_leaving(Journal& journal) {
  std::vector<OldState> leaving;
  std::erase_if(waiting_, [&](const BoundFunction& function) {
    const OldState* old = find(journal.devices, function.address);
    if (old == nullptr)
      return true;  // nothing of it was changed, or `lintel restore` gives it back
    if (!leaves_dma_alone(old->driver) && !mates_of(function).empty()) return false;
    leaving.push_back(*old);
    std::erase(journal.devices, leaving.back());
    return true;
  });
  return leaving;
}

ReleaseReport BoundDevices::release(const std::vector<PciAddress>& addresses) noexcept {
  const auto leaves = [&](PciAddress address) {
    return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
  };
  std::erase_if(functions_, [&](const BoundFunction& function) {
    if (!leaves(function.address)) return false;
    if (!restored_) waiting_.push_back(function);
    return true;
  });
  ReleaseReport report;
  if (restored_) return report;
  try {
    const UniqueFd lock = host_.journals.lock();
    std::vector<PciAddress> resets;
    std::ranges::copy_if(with_our_reset_, std::back_inserter(resets), leaves);
    std::erase_if(with_our_reset_, leaves);
    report.failures = restore_kept_resets(host_, resets);
    std::optional<Journal> journal = host_.journals.load(name_);
    if (!journal) {
      waiting_.clear();
      return report;
    }
    std::vector<OldState> leaving = take_leaving(*journal);
    Binder binder(host_.tree, host_.writer);
    std::ranges::move(restore_each(host_, binder, leaving).failures,
                      std::back_inserter(report.failures));
    journal->devices.insert(journal->devices.end(), leaving.begin(), leaving.end());
    host_.journals.store(*journal);
    for (const BoundFunction& function : waiting_) {
      if (!leaves(function.address)) continue;
      report.waiting.push_back(fmt::format(
          "{} stays with vfio-pci until the guest has let go of {} too: they share an IOMMU group",
          to_string(function.address), mates_of(function)));
    }
  } catch (const std::exception& error) {
    report.failures.emplace_back(error.what());
  }
  return report;
}

BoundDevices::~BoundDevices() {
  for (const std::string& failure : restore()) {
    log::error("Cannot restore {}", failure);
  }
}

std::vector<std::string> BoundDevices::restore() noexcept {
  if (std::exchange(restored_, true)) return {};
  try {
    const UniqueFd lock = host_.journals.lock();
    std::vector<std::string> failures = restore_kept_resets(host_, with_our_reset_);
    std::optional<Journal> journal = host_.journals.load(name_);
    if (!journal) return failures;
    std::ranges::move(restore_all(host_, *journal).failures, std::back_inserter(failures));
    return failures;
  } catch (const std::exception& error) {
    return {error.what()};
  }
}

Inventory with_old_resets(Inventory inventory, const JournalFolder& journals) {
  std::vector<std::string> names = journals.names();
  // The kept ones, whose name is the first, say more than others.
  std::ranges::reverse(names);
  for (const std::string& name : names) {
    try {
      const std::optional<Journal> journal = journals.load(name);
      if (!journal || !journals.is_stale(*journal)) continue;
      for (const OldState& old : journal->devices) {
        for (HostFunction& function : inventory.functions) {
          const bool same = function.address == old.address && function.ids == old.ids;
          if (same && !old.reset_methods.empty()) function.reset_methods = words(old.reset_methods);
        }
      }
    } catch (const Error&) {
      continue;  // whoever binds learns what is wrong with it
    }
  }
  return inventory;
}

void bind_and_keep(const HostAccess& host, const std::vector<PciAddress>& addresses) {
  std::vector<BindRequest> requests;
  requests.reserve(addresses.size());
  for (const PciAddress address : addresses) requests.push_back({address, BindMode::kKeep, {}});
  with_context([] { return std::string("Cannot take devices from the host"); },
               [&] { Binding(host, {}).run(requests); });
}

RestoreReport restore_journal(const HostAccess& host, const std::string& name) {
  const UniqueFd lock = host.journals.lock();
  std::optional<Journal> journal = host.journals.load(name);
  if (!journal) return {};
  if (!host.journals.is_stale(*journal)) {
    throw host.journals.in_use(*journal, "it gives its devices back when it ends");
  }
  return restore_all(host, *journal);
}

std::vector<std::string> restorable(const JournalFolder& journals) {
  std::vector<std::string> out;
  for (const std::string& name : journals.names()) {
    try {
      const std::optional<Journal> journal = journals.load(name);
      if (journal && journals.is_stale(*journal)) out.push_back(name);
    } catch (const Error&) {
      out.push_back(name);  // whoever restores it learns what is wrong with it
    }
  }
  return out;
}

}  // namespace lintel::passthrough::host
