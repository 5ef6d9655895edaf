// SPDX-License-Identifier: Apache-2.0
#include "passthrough/container.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "passthrough/attach_refusal.h"
#include "passthrough/uapi/vfio.h"
#include "vmm/base/error.h"
#include "vmm/base/limits.h"
#include "vmm/base/log.h"

namespace lintel::passthrough {
namespace {

UniqueFd open_container(uapi::Kernel& kernel, const std::string& path) {
  try {
    UniqueFd container = kernel.open(path);
    uapi::check_api_version(kernel, container.get());
    return container;
  } catch (Error& error) {
    const int code = error.errno_value();
    if (code == ENOENT || code == ENODEV) {
      throw std::move(error).with_help("`modprobe vfio-pci` (in the Debian kernel, CONFIG_VFIO=m)");
    }
    throw;
  }
}

// Nothing is translated, so any address can be used.
DmaGeometry no_iommu_geometry() {
  DmaGeometry geometry;
  geometry.usable = {{GuestAddress(0), align_down(UINT64_MAX, 4 * kKiB)}};
  return geometry;
}

}  // namespace

Container::Container(uapi::Kernel& kernel, uint32_t first_group, Options options)
    : kernel_(kernel),
      options_(std::move(options)),
      container_(open_container(kernel_, options_.devices + "/vfio")) {
  raise_limit(RLIMIT_MEMLOCK);
  add_group(first_group);
}

void Container::add_group(uint32_t number) {
  const auto known = [&](const Group& group) { return group.number == number; };
  if (std::any_of(groups_.begin(), groups_.end(), known)) return;
  Group group = open_group(number);
  try {
    attach(group);
  } catch (Error& error) {
    throw explain_attach(std::move(error), number);
  }
  groups_.push_back(std::move(group));
}

Container::Group Container::open_group_node(uint32_t number) const {
  try {
    return {number, kernel_.open(fmt::format("{}/{}", options_.devices, number)), false};
  } catch (const Error& error) {
    if (error.errno_value() != ENOENT) throw;
    // Perhaps it is one without an IOMMU.
    UniqueFd unsafe;
    try {
      unsafe = kernel_.open(fmt::format("{}/noiommu-{}", options_.devices, number));
    } catch (const Error& second) {
      if (second.errno_value() != ENOENT) throw;
    }
    if (!unsafe) throw;
    if (!options_.allow_unsafe_noiommu) {
      throw Error(fmt::format("VFIO group {} has no IOMMU: its devices could overwrite any memory "
                              "of this host",
                              number))
          .with_help(
              "turn the IOMMU on, in the firmware and with intel_iommu=on on the kernel's "
              "command line; passthrough.unsafe_noiommu = true takes the risk");
    }
    log::warn("VFIO group {} has no IOMMU: its devices can overwrite any memory of this host",
              number);
    return {number, std::move(unsafe), true};
  }
}

Container::Group Container::open_group(uint32_t number) const {
  Group group{};
  try {
    group = open_group_node(number);
  } catch (Error& error) {
    switch (error.errno_value()) {
      case ENOENT:
        throw std::move(error).with_help(fmt::format(
            "no device of group {} is bound to a vfio driver: `lintel bind DEVICE`", number));
      case EBUSY:
        throw std::move(error)
            .with_context(fmt::format("Someone else uses VFIO group {}", number))
            .with_help(fmt::format("`fuser {}/{}` tells which process; a group has one user",
                                   options_.devices, number));
      case EACCES:
      case EPERM:
        throw std::move(error).with_help(
            fmt::format("make yourself the owner, as in `sudo chown $USER {}/{}`; a udev rule "
                        "for the subsystem vfio makes it last",
                        options_.devices, number));
      default: throw;
    }
  }
  if (!uapi::group_status(kernel_, group.fd.get()).viable) {
    throw Error(fmt::format("VFIO group {} is not viable: a driver of the host has another device "
                            "of the group",
                            number))
        .with_help(fmt::format("`lintel devices` lists the group ({}/{}/devices); bind all of its "
                               "devices to vfio-pci or to no driver",
                               options_.groups, number));
  }
  return group;
}

void Container::attach(const Group& group) {
  if (!groups_.empty() && group.without_iommu != without_iommu_) {
    throw_error("Groups with and without an IOMMU cannot share a container");
  }
  uapi::set_container(kernel_, group.fd.get(), container_.get());
  // The container keeps its IOMMU for further groups.
  if (!groups_.empty()) return;
  const auto kind = group.without_iommu ? uapi::IommuKind::kNone : uapi::IommuKind::kType1v2;
  if (!uapi::supports_iommu(kernel_, container_.get(), kind)) {
    throw Error("This host's VFIO has no type-1 IOMMU, version 2")
        .with_help("`modprobe vfio_iommu_type1`");
  }
  uapi::set_iommu(kernel_, container_.get(), kind);
  without_iommu_ = group.without_iommu;
}

Error Container::explain_attach(Error failure, uint32_t group) const {
  const std::string what = fmt::format("Cannot put VFIO group {} under the IOMMU", group);
  switch (failure.errno_value()) {
    case EPERM:
      return explain_attach_refusal(std::move(failure), what,
                                    fmt::format("{}/{}", options_.groups, group),
                                    "vfio_iommu_type1");
    case EBUSY:
      return std::move(failure)
          .with_context(what + ": it is in another container, or a driver of the host uses it")
          .with_help(fmt::format("`fuser {}/{}` tells which process", options_.devices, group));
    case EINVAL:
      return std::move(failure)
          .with_context(what +
                        ": memory that is mapped already, or another group, does not go "
                        "together with its reserved ranges")
          .with_help(fmt::format("{}/{}/reserved_regions has them", options_.groups, group));
    default: return std::move(failure).with_context(what);
  }
}

void Container::remove_group(uint32_t number) {
  // The kernel takes a group out of its container when the last descriptor is closed.
  std::erase_if(groups_, [&](const Group& group) { return group.number == number; });
}

std::unique_ptr<KernelDevice> Container::open_device(uint32_t group, const std::string& name) {
  try {
    return std::make_unique<KernelDevice>(kernel_,
                                          uapi::group_device(kernel_, group_fd(group), name), name);
  } catch (Error& error) {
    const bool absent = error.errno_value() == ENODEV;
    throw std::move(error)
        .with_context(fmt::format("Cannot open device {} of VFIO group {}", name, group))
        .with_help(absent ? "bind it to a vfio driver: `lintel bind DEVICE`"
                          : "the kernel's log (dmesg) may say more");
  }
}

int Container::group_fd(uint32_t number) const {
  for (const Group& group : groups_) {
    if (group.number == number) return group.fd.get();
  }
  throw_error("VFIO group {} is not in the container", number);
}

DmaGeometry Container::geometry() {
  if (without_iommu_) return no_iommu_geometry();
  return uapi::iommu_geometry(kernel_, container_.get());
}

void Container::map(const MappedMemory& memory) {
  if (without_iommu_) return;
  ram_.map(*this, memory,
           [&] { uapi::map_dma(kernel_, container_.get(), {memory.range, memory.host}); });
}

void Container::unmap(GuestRange range) {
  if (without_iommu_) return;
  const uint64_t size = uapi::unmap_dma(kernel_, container_.get(), range);
  if (size != range.size) {
    throw_error("{:#x} bytes were unmapped at {:#x}, not {:#x}", size, range.base.value,
                range.size);
  }
  ram_.unmapped(range);
}

}  // namespace lintel::passthrough
