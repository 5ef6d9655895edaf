// SPDX-License-Identifier: Apache-2.0
#include "passthrough/session.h"

#include <algorithm>

#include "vmm/base/error.h"
#include "vmm/base/log.h"

namespace lintel::passthrough {

Session::Session(std::span<const SessionDevice> devices, const Options& options) {
  for (const SessionDevice& what : devices) {
    with_context([&] { return fmt::format("Cannot pass {} to the guest", what.name); },
                 [&] {
                   if (container_ == nullptr) {
                     container_ = std::make_unique<Container>(
                         kernel_, what.group,
                         Container::Options{.allow_unsafe_noiommu = options.allow_unsafe_noiommu});
                   } else {
                     container_->add_group(what.group);
                   }
                   devices_.push_back({what, container_->open_device(what.group, what.name)});
                 });
  }
}

Session::~Session() {
  try {
    reset();
  } catch (const Error& error) {
    log::warn("{}", error.describe());
  }
}

void Session::reset() {
  std::vector<ResetTarget> targets;
  targets.reserve(devices_.size());
  for (const Open& open : devices_) {
    targets.push_back({.device = open.device.get(),
                       .policy = open.what.reset,
                       .owner = open.what.group,
                       .owner_fd = container_->group_fd(open.what.group)});
  }
  reset_devices(targets);
}

std::vector<int> Session::kvm_files() const {
  std::vector<uint32_t> groups;
  std::vector<int> files;
  for (const Open& open : devices_) {
    if (std::find(groups.begin(), groups.end(), open.what.group) != groups.end()) continue;
    groups.push_back(open.what.group);
    files.push_back(container_->group_fd(open.what.group));
  }
  return files;
}

}  // namespace lintel::passthrough
