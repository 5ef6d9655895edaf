// SPDX-License-Identifier: Apache-2.0
#include "passthrough/reset.h"

#include <algorithm>

#include <fmt/format.h>

#include "passthrough/pci/function.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"

namespace lintel::passthrough {
namespace {

std::string to_string(const HotResetPeer& peer) {
  return fmt::format("{:04x}:{:02x}:{:02x}.{}", peer.segment, peer.bus, peer.devfn >> 3,
                     peer.devfn & 7);
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
      reset_.push_back(device.name());
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
      if (std::find(in_use_.begin(), in_use_.end(), to_string(peer)) != in_use_.end()) {
        throw Error(fmt::format("A reset of {}'s bus would also reset {}, which the guest uses",
                                target.device->name(), to_string(peer)))
            .with_help("plug and unplug the two together, or set reset = \"none\"");
      }
      if (is_spared(to_string(peer))) {
        throw Error(fmt::format("A reset of {}'s bus would also reset {}, which is not to be reset",
                                target.device->name(), to_string(peer)))
            .with_help("give the two the same `reset` and `reset_when`");
      }
      // Those without a descriptor have no group, and 0 is one of the host's.
      const auto owner =
          std::find_if(targets_.begin(), targets_.end(), [&](const ResetTarget& other) {
            return other.owner_fd >= 0 && other.owner == peer.owner;
          });
      // Without groups the kernel knows whose they are.
      if (!peer.ours.value_or(owner != targets_.end())) {
        missing += (missing.empty() ? "" : ", ") + to_string(peer);
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
    for (const HotResetPeer& peer : peers) reset_.push_back(to_string(peer));
  }

  // Of the targets, by its policy.
  bool is_spared(const std::string& name) const {
    return std::any_of(targets_.begin(), targets_.end(), [&](const ResetTarget& other) {
      return other.policy == ResetPolicy::kNone && other.device->name() == name;
    });
  }

  bool was_reset(const Device& device) const {
    return std::find(reset_.begin(), reset_.end(), device.name()) != reset_.end();
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
  std::vector<std::string> reset_;  // by name
  size_t tried_ = 0;                // of the targets
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
