// SPDX-License-Identifier: Apache-2.0
#include "passthrough/iommufd.h"

#include <sys/resource.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "passthrough/attach_refusal.h"
#include "passthrough/uapi/iommufd.h"
#include "vmm/base/limits.h"

namespace lintel::passthrough {
namespace {

UniqueFd open_iommufd(uapi::Kernel& kernel, const std::string& path) {
  try {
    return kernel.open(path);
  } catch (Error& error) {
    switch (error.errno_value()) {
      case ENOENT:
      case ENODEV:
        throw std::move(error).with_help(
            "`modprobe iommufd`; the host's kernel needs CONFIG_IOMMUFD (Linux 6.6)");
      case EACCES:
      case EPERM:
        throw std::move(error).with_help(
            fmt::format("make yourself the owner, as in `sudo chown $USER {}`", path));
      default: throw;
    }
  }
}

std::string name_of(const std::string& folder) {
  return std::filesystem::path(folder).filename().string();
}

Error explain_bind(Error failure, const std::string& folder) {
  const std::string what = fmt::format("Cannot put device {} under the IOMMU", name_of(folder));
  switch (failure.errno_value()) {
    case EPERM:
      return explain_attach_refusal(std::move(failure), what, folder + "/iommu_group", "iommufd");
    case EINVAL:  // someone has bound it already
    case EBUSY:
      return std::move(failure)
          .with_context(what +
                        ": someone else uses it, or a driver of the host has another device "
                        "of its group")
          .with_help(
              fmt::format("`lintel devices` lists the group ({}/iommu_group/devices)", folder));
    default: return std::move(failure).with_context(what);
  }
}

Error explain_attach(Error failure, const std::string& folder) {
  const std::string what = fmt::format("Device {} cannot see the guest's memory", name_of(folder));
  if (failure.errno_value() != EINVAL && failure.errno_value() != EADDRINUSE) {
    return std::move(failure).with_context(what);
  }
  return std::move(failure)
      .with_context(what + ": some of it lies in ranges that the host reserves for the device")
      .with_help(fmt::format("{}/iommu_group/reserved_regions has them", folder));
}

}  // namespace

std::string device_node(const std::string& folder) {
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/vfio-dev", code)) {
    std::string name = entry.path().filename().string();
    if (name.starts_with("vfio")) return name;
  }
  throw Error(fmt::format("{} has no vfio-dev", folder))
      .with_help(
          "bind it to a vfio driver: `lintel bind DEVICE`; if it is, the host's kernel lacks "
          "CONFIG_VFIO_DEVICE_CDEV (Linux 6.6), and the container may do");
}

Iommufd::Iommufd(uapi::Kernel& kernel, Options options)
    : kernel_(kernel),
      options_(std::move(options)),
      iommufd_(open_iommufd(kernel_, options_.node)) {
  raise_limit(RLIMIT_MEMLOCK);
  ioas_ = uapi::allocate_ioas(kernel_, iommufd_.get());
  if (!options_.huge_pages) uapi::set_huge_pages(kernel_, iommufd_.get(), ioas_, false);
}

std::unique_ptr<KernelDevice> Iommufd::open_device(const std::string& folder) {
  const std::string path = fmt::format("{}/{}", options_.devices, device_node(folder));
  UniqueFd device;
  try {
    device = kernel_.open(path);
  } catch (Error& error) {
    switch (error.errno_value()) {
      case EBUSY:
        throw std::move(error)
            .with_context(fmt::format("Someone else uses {}", path))
            .with_help("a monitor that has opened the device's group, for example");
      case EACCES:
      case EPERM:
        throw std::move(error).with_help(
            fmt::format("make yourself the owner, as in `sudo chown $USER {}`; a udev rule for the "
                        "subsystem vfio-dev makes it last",
                        path));
      default: throw;
    }
  }
  try {
    uapi::bind_iommufd(kernel_, device.get(), iommufd_.get());
  } catch (Error& error) {
    throw explain_bind(std::move(error), folder);
  }
  try {
    uapi::attach_ioas(kernel_, device.get(), ioas_);
  } catch (Error& error) {
    throw explain_attach(std::move(error), folder);
  }
  return std::make_unique<KernelDevice>(kernel_, std::move(device), name_of(folder));
}

DmaGeometry Iommufd::geometry() {
  return uapi::ioas_geometry(kernel_, iommufd_.get(), ioas_);
}

void Iommufd::map(const MappedMemory& memory) {
  ram_.map(*this, memory, [&] { uapi::ioas_map(kernel_, iommufd_.get(), ioas_, memory); });
}

void Iommufd::unmap(GuestRange range) {
  const uint64_t size = uapi::ioas_unmap(kernel_, iommufd_.get(), ioas_, range);
  if (size != range.size) {
    throw_error("{:#x} bytes were unmapped at {:#x}, not {:#x}", size, range.base.value,
                range.size);
  }
  ram_.unmapped(range);
}

}  // namespace lintel::passthrough
