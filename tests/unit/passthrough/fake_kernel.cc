// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/passthrough/fake_kernel.h"

#include <linux/vfio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "vmm/base/error.h"

namespace lintel::passthrough {
namespace {

UniqueFd some_file() {
  UniqueFd file(memfd_create("fake", MFD_CLOEXEC));
  if (!file || ftruncate(file.get(), 64 * kMiB) != 0) throw_errno(errno, "Cannot make a file");
  return file;
}

const char* name_of(unsigned long request) {
  switch (request) {
    case VFIO_GET_API_VERSION: return "API_VERSION";
    case VFIO_CHECK_EXTENSION: return "CHECK_EXTENSION";
    case VFIO_SET_IOMMU: return "SET_IOMMU";
    case VFIO_GROUP_GET_STATUS: return "STATUS";
    case VFIO_GROUP_SET_CONTAINER: return "SET_CONTAINER";
    case VFIO_GROUP_GET_DEVICE_FD: return "DEVICE_FD";
    case VFIO_IOMMU_MAP_DMA: return "MAP_DMA";
    case VFIO_IOMMU_UNMAP_DMA: return "UNMAP_DMA";
    // Two families of requests share this number (VFIO_IOMMU_GET_INFO, GET_PCI_HOT_RESET_INFO).
    case VFIO_IOMMU_GET_INFO: return "INFO_12";
    case VFIO_DEVICE_SET_IRQS: return "SET_IRQS";
    case VFIO_DEVICE_GET_REGION_INFO: return "REGION_INFO";
    default: return "other";
  }
}

}  // namespace

Bytes Reply::whole() const {
  Bytes bytes = fixed;
  size_t link = cap_offset_at;
  for (const Capability& capability : capabilities) {
    const auto at = static_cast<uint32_t>(bytes.size());
    std::memcpy(bytes.data() + link, &at, sizeof at);
    append(bytes, capability.id);
    append(bytes, uint16_t{1});
    link = bytes.size();
    append(bytes, uint32_t{0});
    bytes.insert(bytes.end(), capability.data.begin(), capability.data.end());
  }
  return bytes;
}

int Reply::answer(void* argument) const {
  uint32_t room = 0;
  std::memcpy(&room, argument, sizeof room);
  if (room < fixed.size()) return -EINVAL;
  Bytes all = whole();
  const auto size = static_cast<uint32_t>(all.size());
  const bool fits = room >= size;
  if (!fits) std::memset(all.data() + cap_offset_at, 0, 4);
  std::memcpy(argument, all.data(), fits ? size : fixed.size());
  std::memcpy(argument, fits ? &room : &size, sizeof room);
  return 0;
}

Reply region_reply(uint32_t index, uint32_t flags, uint64_t size, uint64_t offset) {
  return {.fixed = bytes_of(uint32_t{0}, flags, index, uint32_t{0}, size, offset),
          .cap_offset_at = offsetof(vfio_region_info, cap_offset)};
}

Reply iommu_reply(uint64_t page_sizes) {
  constexpr uint32_t kFlags = VFIO_IOMMU_INFO_PGSIZES | VFIO_IOMMU_INFO_CAPS;
  return {.fixed = bytes_of(uint32_t{0}, kFlags, page_sizes, uint32_t{0}, uint32_t{0}),
          .cap_offset_at = offsetof(vfio_iommu_type1_info, cap_offset)};
}

UniqueFd FakeKernel::open(const std::string& path) {
  steps.push_back(path);
  if (open_errors.contains(path)) throw_errno(open_errors[path], "Cannot open {}", path);
  if (!nodes.contains(path)) throw_errno(ENOENT, "Cannot open {}", path);
  UniqueFd fd = some_file();
  open_[fd.get()] = path;
  return fd;
}

int FakeKernel::ioctl(int fd, unsigned long request, uintptr_t argument) {
  steps.emplace_back(name_of(request));
  if (handlers.contains(request)) return handlers[request](reinterpret_cast<void*>(argument));
  if (failures.contains(request)) return -failures[request];
  const std::string path = open_[fd];
  if (path == "/dev/vfio/vfio") return container_ioctl(request, argument);
  if (path.empty()) return device_ioctl(request, reinterpret_cast<void*>(argument));
  switch (request) {
    case VFIO_GROUP_GET_STATUS: {
      auto* status = reinterpret_cast<vfio_group_status*>(argument);
      status->flags = group_flags.contains(path) ? group_flags[path] : VFIO_GROUP_FLAGS_VIABLE;
      return 0;
    }
    case VFIO_GROUP_SET_CONTAINER:
      if (open_[*reinterpret_cast<const int*>(argument)] != "/dev/vfio/vfio") return -EINVAL;
      has_group_ = true;
      return 0;
    case VFIO_GROUP_GET_DEVICE_FD: {
      if (!has_iommu_) return -EINVAL;
      if (device_name != reinterpret_cast<const char*>(argument)) return -ENODEV;
      UniqueFd device = some_file();
      open_[device.get()] = "";
      return device.release();
    }
    default: return -ENOTTY;
  }
}

int FakeKernel::container_ioctl(unsigned long request, uintptr_t argument) {
  switch (request) {
    case VFIO_GET_API_VERSION: return VFIO_API_VERSION;
    case VFIO_CHECK_EXTENSION: return iommus.contains(static_cast<int>(argument)) ? 1 : 0;
    case VFIO_SET_IOMMU:
      if (!has_group_) return -EINVAL;
      has_iommu_ = true;
      return 0;
    default: break;
  }
  if (!has_iommu_) return -EINVAL;
  switch (request) {
    case VFIO_IOMMU_GET_INFO: return iommu.answer(reinterpret_cast<void*>(argument));
    case VFIO_IOMMU_MAP_DMA: {
      const auto* map = reinterpret_cast<const vfio_iommu_type1_dma_map*>(argument);
      if (map->flags != (VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)) return -EINVAL;
      mapped.push_back({GuestAddress(map->iova), map->size});
      return 0;
    }
    case VFIO_IOMMU_UNMAP_DMA: {
      auto* unmap = reinterpret_cast<vfio_iommu_type1_dma_unmap*>(argument);
      if (std::erase(mapped, GuestRange{GuestAddress(unmap->iova), unmap->size}) == 0) {
        unmap->size = 0;
      }
      return 0;
    }
    default: return -ENOTTY;
  }
}

int FakeKernel::device_ioctl(unsigned long request, void* argument) {
  switch (request) {
    case VFIO_DEVICE_GET_INFO: {
      auto* info = static_cast<vfio_device_info*>(argument);
      info->flags = device_flags;
      info->num_regions = VFIO_PCI_NUM_REGIONS;
      info->num_irqs = VFIO_PCI_NUM_IRQS;
      return 0;
    }
    case VFIO_DEVICE_GET_REGION_INFO: {
      const uint32_t index = static_cast<const vfio_region_info*>(argument)->index;
      return regions.contains(index) ? regions.at(index).answer(argument) : -EINVAL;
    }
    case VFIO_DEVICE_SET_IRQS: {
      const auto* set = static_cast<const vfio_irq_set*>(argument);
      const auto* bytes = static_cast<const std::byte*>(argument);
      irq_sets.emplace_back(bytes, bytes + set->argsz);
      return 0;
    }
    case VFIO_DEVICE_RESET: return 0;
    default: return -ENOTTY;
  }
}

}  // namespace lintel::passthrough
