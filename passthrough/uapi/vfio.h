// SPDX-License-Identifier: Apache-2.0
// VFIO's ioctls (linux/vfio.h), one function each: the only place that knows their structures.
// Functions throw Error "NAME failed" with the errno, unless they say otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "passthrough/device.h"
#include "passthrough/dma.h"
#include "passthrough/uapi/kernel.h"
#include "vmm/base/types.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough::uapi {

// --- a container: /dev/vfio/vfio

enum class IommuKind : uint8_t { kType1v2, kNone };

// Throws Error also if the version is not the one that we know.
void check_api_version(Kernel& kernel, int container);
bool supports_iommu(Kernel& kernel, int container, IommuKind kind);
void set_iommu(Kernel& kernel, int container, IommuKind kind);
DmaGeometry iommu_geometry(Kernel& kernel, int container);

struct DmaMap {
  GuestRange range;
  const std::byte* host = nullptr;
};
void map_dma(Kernel& kernel, int container, const DmaMap& map);
// Returns how many bytes were unmapped.
uint64_t unmap_dma(Kernel& kernel, int container, GuestRange range);

// --- a group: /dev/vfio/NUMBER

struct GroupStatus {
  bool viable = false;  // no driver of the host has a device of the group
  bool in_container = false;
};
GroupStatus group_status(Kernel& kernel, int group);
void set_container(Kernel& kernel, int group, int container);
// `name` as in the group's devices/ in sysfs.
UniqueFd group_device(Kernel& kernel, int group, const std::string& name);

// --- a device

struct Region {
  RegionInfo info;
  uint64_t file_offset = 0;  // of the region's start, in the device's file
};

DeviceInfo device_info(Kernel& kernel, int device);
// Of something that the device lacks the kernel says EINVAL, or size or count 0: here always 0.
Region region(Kernel& kernel, int device, uint32_t index);
IrqInfo irq(Kernel& kernel, int device, uint32_t index);

// What a vfio_irq_set does: to `count` interrupts of an index, from `first` on.
struct IrqRange {
  uint32_t index = 0;
  uint32_t first = 0;
  uint32_t count = 0;
};
void trigger_by(Kernel& kernel, int device, IrqRange range, std::span<const int> event_fds);
void unmask_by(Kernel& kernel, int device, IrqRange range, int event_fd);
void mask(Kernel& kernel, int device, IrqRange range);
void unmask(Kernel& kernel, int device, IrqRange range);
void disable_irqs(Kernel& kernel, int device, uint32_t index);

void reset(Kernel& kernel, int device);
// Empty if there is no such reset.
std::vector<HotResetPeer> hot_reset_peers(Kernel& kernel, int device);
void hot_reset(Kernel& kernel, int device, std::span<const int> owners);

// --- replies: an information structure with the capabilities behind it. They throw Error if it is
// malformed; the same bytes come from other processes too.

Region parse_region(std::span<const std::byte> info);
DmaGeometry parse_iommu(std::span<const std::byte> info);

}  // namespace lintel::passthrough::uapi
