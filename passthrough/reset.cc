// SPDX-License-Identifier: Apache-2.0
#include "passthrough/reset.h"

#include <algorithm>

#include <fmt/format.h>

#include "passthrough/host/address.h"
#include "passthrough/pci/function.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"

namespace lintel::passthrough {
namespace {

host::PciAddress address_of(const HotResetPeer& peer) {
  return {peer.segment, {peer.bus, lintel::pci::Devfn(peer.devfn)}};
}

// A server's socket is no address, and on no bus.
bool is_at(const std::string& name, host::PciAddress address) {
  return host::parse_address(name) == address;
}

class Resetter {
 public:
  Resetter(std::span<const ResetTarget> targets, std::span<const std::string> in_use)
      : targets_(targets), in_use_(in_use) {}

  void run() {
    for (const ResetTarget& target : targets_) pci::quiesce(*target.device);
    for (const ResetTarget& target : targets_) {
      ++tried_;
      reset(target);
    }
    for (const ResetTarget& target : targets_) verify(*target.device);
  }

  // Also after `run` has thrown: with those that it came to.
  void count() const {
    for (size_t i = 0; i < targets_.size(); ++i) {
      const ResetTarget& target = targets_[i];
      if (target.policy == ResetPolicy::kNone || target.counts == nullptr) continue;
      if (was_reset(*target.device) && pci::alive(*target.device)) {
        ++target.counts->done;
      } else if (i < tried_) {
        ++target.counts->failed;
      }
    }
  }

 private:
  void reset(const ResetTarget& target) {
    Device& device = *target.device;
    if (target.policy == ResetPolicy::kNone || was_reset(device)) return;
    const bool alone = target.policy == ResetPolicy::kAuto ||  //
                       target.policy == ResetPolicy::kFunction;
    if (alone && device.info().can_reset) {
      if (!pci::alive(device)) return;
      device.reset();
      reset_.push_back(&device);
      return;
    }
    if (target.policy == ResetPolicy::kFunction) {
      throw Error(
          fmt::format("{} cannot be reset alone in the way that is asked for", device.name()))
          .with_help(
              "the kernel tried it when it opened the device, and its log may say more; "
              "reset = \"auto\" takes what works");
    }
    try {
      reset_bus(target);
    } catch (const Error& error) {
      if (target.policy == ResetPolicy::kBus) throw;
      // The guest does not get one that is gone.
      if (!pci::alive(device)) return;
      log::warn("{} is given to the guest as its last user left it: {}", device.name(),
                error.describe());
    }
  }

  void reset_bus(const ResetTarget& target) {
    const std::vector<HotResetPeer> peers = target.device->hot_reset_peers();
    if (peers.empty()) {
      throw Error(fmt::format("Neither {} nor its bus can be reset", target.device->name()));
    }
    std::string missing;
    std::vector<int> owners;
    for (const HotResetPeer& peer : peers) {
      const host::PciAddress address = address_of(peer);
      if (std::any_of(in_use_.begin(), in_use_.end(),
                      [&](const std::string& name) { return is_at(name, address); })) {
        throw Error(fmt::format("A reset of {}'s bus would also reset {}, which the guest uses",
                                target.device->name(), to_string(address)))
            .with_help("plug and unplug the two together, or set reset = \"none\"");
      }
      if (is_spared(address)) {
        throw Error(fmt::format("A reset of {}'s bus would also reset {}, which is not to be reset",
                                target.device->name(), to_string(address)))
            .with_help("give the two the same `reset` and `reset_when`");
      }
      // Those without a descriptor have no group, and 0 is one of the host's.
      const auto owner =
          std::find_if(targets_.begin(), targets_.end(), [&](const ResetTarget& other) {
            return other.owner_fd >= 0 && other.owner == peer.owner;
          });
      // Without groups the kernel knows whose they are.
      if (!peer.ours.value_or(owner != targets_.end())) {
        missing += (missing.empty() ? "" : ", ") + to_string(address);
      } else if (owner != targets_.end() &&
                 std::find(owners.begin(), owners.end(), owner->owner_fd) == owners.end()) {
        owners.push_back(owner->owner_fd);
      }
    }
    if (!missing.empty()) {
      throw Error(fmt::format("A reset of {}'s bus would also reset {}, which this guest has not",
                              target.device->name(), missing))
          .with_help("pass them to the same guest, or set reset = \"none\"");
    }
    target.device->hot_reset(owners);
    for (const ResetTarget& other : targets_) {
      if (std::any_of(peers.begin(), peers.end(), [&](const HotResetPeer& peer) {
            return is_at(other.device->name(), address_of(peer));
          })) {
        reset_.push_back(other.device);
      }
    }
  }

  // Of the targets, by its policy.
  bool is_spared(host::PciAddress address) const {
    return std::any_of(targets_.begin(), targets_.end(), [&](const ResetTarget& other) {
      return other.policy == ResetPolicy::kNone && is_at(other.device->name(), address);
    });
  }

  bool was_reset(const Device& device) const {
    return std::find(reset_.begin(), reset_.end(), &device) != reset_.end();
  }

  static void verify(Device& device) {
    if (pci::alive(device)) return;
    throw Error(fmt::format("{} does not answer any more", device.name()))
        .with_help(
            "the host must be powered off and on; another way of resetting it may help (reset = "
            "\"bus\", \"pm\" or \"none\"), or fewer resets (reset_when)");
  }

  const std::span<const ResetTarget> targets_;
  const std::span<const std::string> in_use_;
  std::vector<const Device*> reset_;
  size_t tried_ = 0;  // of the targets
};

}  // namespace

void reset_devices(std::span<const ResetTarget> targets, std::span<const std::string> in_use) {
  Resetter resetter(targets, in_use);
  try {
    resetter.run();
  } catch (...) {
    resetter.count();
    throw;
  }
  resetter.count();
}

}  // namespace lintel::passthrough
