// SPDX-License-Identifier: Apache-2.0
#include "passthrough/session.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "passthrough/user/client.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/memory/address_plan.h"

namespace lintel::passthrough {
namespace {

uint32_t group_of(const std::string& folder) {
  std::error_code error;
  const std::string number =
      std::filesystem::read_symlink(folder + "/iommu_group", error).filename();
  uint32_t group = 0;
  const char* const end = number.data() + number.size();
  if (error || number.empty() || std::from_chars(number.data(), end, group).ptr != end) {
    throw Error("It has no IOMMU group")
        .with_help(
            "turn the IOMMU on in the firmware, and in the kernel where it is off by "
            "default (intel_iommu=on)");
  }
  return group;
}

}  // namespace

Session::Session(std::span<const SessionDevice> devices, const Options& options)
    : options_(options) {
  for (const SessionDevice& what : devices) {
    with_context(
        [&] {
          return fmt::format("Cannot pass {} to the guest",
                             what.socket.empty() ? what.name : what.socket);
        },
        [&] { devices_.push_back(open(what)); });
  }
}

Session::~Session() {
  try {
    reset_where(&SessionDevice::reset_at_end);
  } catch (const Error& error) {
    log::warn("{}", error.describe());
  }
}

Session::Open Session::open(const SessionDevice& what) {
  if (!what.socket.empty()) return open_served(what);
  if (container_ != nullptr) return open_by_group(what);
  if (iommufd_ != nullptr) return open_by_node(what);
  return choose_backend(options_.backend, find_backends()) == Backend::kIommufd
             ? open_by_node(what)
             : open_by_group(what);
}

Session::Open Session::open_served(const SessionDevice& what) {
  user::RemoteDevice remote = user::connect(what.socket);
  spaces_.push_back(remote.dma.get());
  served_spaces_.push_back(std::move(remote.dma));
  return {.what = what, .device = std::move(remote.device)};
}

Session::Open Session::open_by_group(const SessionDevice& what) {
  const uint32_t group = group_of(options_.sysfs_devices + "/" + what.name);
  if (container_ == nullptr) {
    container_ = std::make_unique<Container>(
        kernel_, group, Container::Options{.allow_unsafe_noiommu = options_.allow_unsafe_noiommu});
    spaces_.push_back(container_.get());
  } else {
    container_->add_group(group);
  }
  return {.what = what,
          .group = group,
          .group_fd = container_->group_fd(group),
          .device = container_->open_device(group, what.name)};
}

Session::Open Session::open_by_node(const SessionDevice& what) {
  if (iommufd_ == nullptr) {
    iommufd_ = std::make_unique<Iommufd>(kernel_, Iommufd::Options{});
    spaces_.push_back(iommufd_.get());
  }
  auto device = iommufd_->open_device(options_.sysfs_devices + "/" + what.name);
  const int fd = device->fd();
  return {.what = what, .device_fd = fd, .device = std::move(device)};
}

std::vector<GuestRange> Session::usable_addresses() const {
  std::vector<GuestRange> usable{kAllAddresses};
  for (DmaSpace* const space : spaces_) usable = intersect(usable, space->geometry().usable);
  return usable;
}

void Session::reset() {
  reset_where(std::exchange(started_, true) ? &SessionDevice::reset_at_reboot
                                            : &SessionDevice::reset_at_start);
}

void Session::reset_where(bool SessionDevice::* when) {
  std::vector<ResetTarget> targets;
  targets.reserve(devices_.size());
  for (const Open& open : devices_) {
    targets.push_back({.device = open.device.get(),
                       .policy = open.what.*when ? open.what.reset : ResetPolicy::kNone,
                       .owner = open.group,
                       .owner_fd = open.group_fd});
  }
  reset_devices(targets);
  for (Open& open : devices_) {
    if (open.what.*when && open.what.reset != ResetPolicy::kNone) ++open.resets;
  }
}

std::vector<int> Session::kvm_files() const {
  std::vector<int> files;
  for (const Open& open : devices_) {
    const int file = open.group_fd >= 0 ? open.group_fd : open.device_fd;
    if (file >= 0 && std::find(files.begin(), files.end(), file) == files.end()) {
      files.push_back(file);
    }
  }
  return files;
}

}  // namespace lintel::passthrough
