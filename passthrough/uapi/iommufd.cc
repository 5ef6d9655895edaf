// SPDX-License-Identifier: Apache-2.0
#include "passthrough/uapi/iommufd.h"

#include <linux/iommufd.h>
#include <linux/vfio.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "passthrough/uapi/info.h"
#include "vmm/base/error.h"

namespace lintel::passthrough::uapi {

bool built_with_iommufd() {
  return true;
}

uint32_t allocate_ioas(Kernel& kernel, int iommufd) {
  iommu_ioas_alloc argument{};
  argument.size = sizeof argument;
  checked_ioctl(kernel, iommufd, {IOMMU_IOAS_ALLOC, "IOMMU_IOAS_ALLOC"}, pointer(&argument));
  return argument.out_ioas_id;
}

void set_huge_pages(Kernel& kernel, int iommufd, uint32_t ioas, bool on) {
  iommu_option argument{};
  argument.size = sizeof argument;
  argument.option_id = IOMMU_OPTION_HUGE_PAGES;
  argument.op = IOMMU_OPTION_OP_SET;
  argument.object_id = ioas;
  argument.val64 = on ? 1 : 0;
  checked_ioctl(kernel, iommufd, {IOMMU_OPTION, "IOMMU_OPTION"}, pointer(&argument));
}

DmaGeometry ioas_geometry(Kernel& kernel, int iommufd, uint32_t ioas) {
  // Others may attach devices while we ask, but there are never many ranges.
  constexpr uint32_t kMost = 1 << 16;
  std::vector<iommu_iova_range> ranges;
  iommu_ioas_iova_ranges argument{};
  while (true) {
    argument = {};
    argument.size = sizeof argument;
    argument.ioas_id = ioas;
    argument.num_iovas = static_cast<uint32_t>(ranges.size());
    argument.allowed_iovas = pointer(ranges.data());
    const int result =
        plain_ioctl(kernel, iommufd, {IOMMU_IOAS_IOVA_RANGES, ""}, pointer(&argument));
    const uint32_t count = argument.num_iovas;
    if (result >= 0 && count <= ranges.size()) break;
    if (result < 0 && result != -EMSGSIZE) throw_errno(-result, "IOMMU_IOAS_IOVA_RANGES failed");
    if (count <= ranges.size() || count > kMost) {
      throw_error("IOMMU_IOAS_IOVA_RANGES wants room for {} ranges", count);
    }
    ranges.resize(count);
  }
  ranges.resize(argument.num_iovas);
  std::sort(ranges.begin(), ranges.end(),
            [](const auto& a, const auto& b) { return a.start < b.start; });
  DmaGeometry geometry;
  geometry.page_sizes = std::max<uint64_t>(argument.out_iova_alignment, 1);
  for (const iommu_iova_range& range : ranges) {
    geometry.usable.push_back(range_from(range.start, range.last));
  }
  return geometry;
}

void ioas_map(Kernel& kernel, int iommufd, uint32_t ioas, const MappedMemory& memory) {
  iommu_ioas_map argument{};
  argument.size = sizeof argument;
  argument.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;
  argument.ioas_id = ioas;
  argument.user_va = pointer(memory.host);
  argument.length = memory.range.size;
  argument.iova = memory.range.base.value;
  checked_ioctl(kernel, iommufd, {IOMMU_IOAS_MAP, "IOMMU_IOAS_MAP"}, pointer(&argument));
}

uint64_t ioas_unmap(Kernel& kernel, int iommufd, uint32_t ioas, GuestRange range) {
  iommu_ioas_unmap argument{};
  argument.size = sizeof argument;
  argument.ioas_id = ioas;
  argument.iova = range.base.value;
  argument.length = range.size;
  checked_ioctl(kernel, iommufd, {IOMMU_IOAS_UNMAP, "IOMMU_IOAS_UNMAP"}, pointer(&argument));
  return argument.length;
}

uint32_t bind_iommufd(Kernel& kernel, int device, int iommufd) {
  vfio_device_bind_iommufd argument{};
  argument.argsz = sizeof argument;
  argument.iommufd = iommufd;
  checked_ioctl(kernel, device, {VFIO_DEVICE_BIND_IOMMUFD, "VFIO_DEVICE_BIND_IOMMUFD"},
                pointer(&argument));
  return argument.out_devid;
}

void attach_ioas(Kernel& kernel, int device, uint32_t ioas) {
  vfio_device_attach_iommufd_pt argument{};
  argument.argsz = sizeof argument;
  argument.pt_id = ioas;
  checked_ioctl(kernel, device, {VFIO_DEVICE_ATTACH_IOMMUFD_PT, "VFIO_DEVICE_ATTACH_IOMMUFD_PT"},
                pointer(&argument));
}

}  // namespace lintel::passthrough::uapi
