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

bool is_among(const Device* device, std::span<Device* const> devices) {
  return std::find(devices.begin(), devices.end(), device) != devices.end();
}

template <typename T>
void add_once(std::vector<T>& all, T one) {
  if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
}

}  // namespace

Session::Session(std::span<const SessionDevice> devices, const Options& options)
    : options_(options), kernel_(options_.kernel != nullptr ? *options_.kernel : host_kernel_) {
  open_all(devices);
}

void Session::open_all(std::span<const SessionDevice> devices) {
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
  const bool reported = reset_failed_;
  try {
    reset_where(&SessionDevice::reset_at_end);
  } catch (const Error& error) {
    if (!reported) log::warn("{}", error.describe());
  }
}

Session::Open Session::open(const SessionDevice& what) {
  if (!what.socket.empty()) return open_served(what);
  if (container_ != nullptr) return open_by_group(what);
  if (iommufd_ != nullptr) return open_by_node(what);
  return choose_backend(options_.backend, options_.find_backends()) == Backend::kIommufd
             ? open_by_node(what)
             : open_by_group(what);
}

Session::Open Session::open_served(const SessionDevice& what) {
  user::RemoteDevice remote = user::connect(what.socket);
  DmaSpace* const space = remote.dma.get();
  served_spaces_.push_back(std::move(remote.dma));
  const MutexLock lock(served_mutex_);
  served_.push_back(remote.device.get());
  if (end_) {
    remote.device->end_within(std::chrono::ceil<std::chrono::milliseconds>(
        std::max(*end_ - std::chrono::steady_clock::now(), {})));
  }
  return {.what = what, .space = space, .device = std::move(remote.device)};
}

void Session::end_within(std::chrono::milliseconds limit) {
  const MutexLock lock(served_mutex_);
  const auto end = std::chrono::steady_clock::now() + limit;
  if (end_ && *end_ <= end) return;
  end_ = end;
  for (Device* const device : served_) device->end_within(limit);
}

Session::Open Session::open_by_group(const SessionDevice& what) {
  const uint32_t group = group_of(options_.sysfs_devices + "/" + what.name);
  if (container_ == nullptr) {
    container_ = std::make_unique<Container>(
        kernel_, group, Container::Options{.allow_unsafe_noiommu = options_.allow_unsafe_noiommu});
  } else {
    container_->add_group(group);
  }
  try {
    return {.what = what,
            .group = group,
            .group_fd = container_->group_fd(group),
            .space = container_.get(),
            .device = container_->open_device(group, what.name)};
  } catch (const Error&) {
    // Nobody else would: no device lists it.
    close_groups({group});
    throw;
  }
}

Session::Open Session::open_by_node(const SessionDevice& what) {
  if (iommufd_ == nullptr) {
    iommufd_ = std::make_unique<Iommufd>(kernel_, Iommufd::Options{});
  }
  auto device = iommufd_->open_device(options_.sysfs_devices + "/" + what.name);
  const int fd = device->fd();
  return {.what = what, .device_fd = fd, .space = iommufd_.get(), .device = std::move(device)};
}

DmaSpace* Session::pinning_space() const {
  if (container_ != nullptr) return container_.get();
  return iommufd_.get();
}

std::vector<GuestRange> Session::usable_addresses() const {
  std::vector<GuestRange> usable{kAllAddresses};
  for (DmaSpace* const space : dma_spaces()) usable = intersect(usable, space->geometry().usable);
  return usable;
}

void Session::reset() {
  reset_where(std::exchange(started_, true) ? &SessionDevice::reset_at_reboot
                                            : &SessionDevice::reset_at_start);
}

void Session::reset_where(When when) {
  std::vector<Device*> all;
  all.reserve(devices_.size());
  for (const Open& open : devices_) all.push_back(open.device.get());
  reset_failed_ = true;
  reset_alone(all, when);
  reset_failed_ = false;
}

// Without disturbing the others, which a guest uses.
void Session::reset_alone(std::span<Device* const> devices, When when) {
  std::vector<ResetTarget> targets;
  std::vector<std::string> others;
  for (Open& open : devices_) {
    if (is_among(open.device.get(), devices)) {
      targets.push_back({.device = open.device.get(),
                         .policy = open.what.*when ? open.what.reset : ResetPolicy::kNone,
                         .owner = open.group,
                         .owner_fd = open.group_fd,
                         .counts = &open.resets});
    } else {
      others.push_back(open.device->name());
    }
  }
  reset_devices(targets, others);
}

std::vector<DmaSpace*> Session::dma_spaces_without(std::span<Device* const> devices) const {
  std::vector<DmaSpace*> spaces;
  for (const Open& open : devices_) {
    if (!is_among(open.device.get(), devices)) add_once(spaces, open.space);
  }
  return spaces;
}

std::vector<int> Session::kvm_files_without(std::span<Device* const> devices) const {
  std::vector<int> files;
  for (const Open& open : devices_) {
    const int file = open.group_fd >= 0 ? open.group_fd : open.device_fd;
    if (file >= 0 && !is_among(open.device.get(), devices)) add_once(files, file);
  }
  return files;
}

std::vector<Device*> Session::open_devices(std::span<const SessionDevice> devices) {
  const size_t before = devices_.size();
  std::vector<Device*> opened;
  const auto collect = [&] {
    opened.clear();
    for (size_t i = before; i < devices_.size(); ++i) opened.push_back(devices_[i].device.get());
  };
  try {
    open_all(devices);
    collect();
    reset_alone(opened, &SessionDevice::reset_at_start);
  } catch (const Error&) {
    collect();
    close_all(opened);
    throw;
  }
  return opened;
}

void Session::close_devices(std::span<Device* const> devices) {
  try {
    reset_alone(devices, &SessionDevice::reset_at_end);
  } catch (const Error& error) {
    log::warn("{}", error.describe());
  }
  close_all(devices);
}

// What a device alone needed goes with it: a space that nobody uses would keep the guest's memory
// pinned.
void Session::close_all(std::span<Device* const> devices) {
  std::vector<uint32_t> groups;
  for (const Open& open : devices_) {
    if (open.group_fd >= 0) add_once(groups, open.group);
  }
  {
    const MutexLock lock(served_mutex_);
    std::erase_if(served_, [&](Device* served) { return is_among(served, devices); });
  }
  std::erase_if(devices_, [&](const Open& open) { return is_among(open.device.get(), devices); });
  close_groups(std::move(groups));
  if (iommufd_ != nullptr && !uses(iommufd_.get())) iommufd_.reset();
  std::erase_if(served_spaces_, [this](const auto& space) { return !uses(space.get()); });
}

// Those of which no device is open: as long as a group is, its devices belong to nobody else.
void Session::close_groups(std::vector<uint32_t> groups) {
  if (container_ == nullptr) return;
  if (!uses(container_.get())) {
    container_.reset();
    return;
  }
  for (const Open& open : devices_) {
    if (open.group_fd >= 0) std::erase(groups, open.group);
  }
  for (const uint32_t group : groups) container_->remove_group(group);
}

bool Session::uses(const DmaSpace* space) const {
  return std::any_of(devices_.begin(), devices_.end(),
                     [&](const Open& open) { return open.space == space; });
}

}  // namespace lintel::passthrough
