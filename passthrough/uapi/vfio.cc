// SPDX-License-Identifier: Apache-2.0
#include "passthrough/uapi/vfio.h"

#include <linux/vfio.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <limits>

#include "passthrough/capability_chain.h"
#include "passthrough/uapi/info.h"
#include "vmm/base/error.h"

namespace lintel::passthrough::uapi {
namespace {

#define LINTEL_REQUEST(name) (Request{name, #name})

// The structure's capabilities start behind its member `cap_offset` at the earliest: older headers
// end there, newer ones have padding.
template <typename Structure>
constexpr size_t fixed_part() {
  return offsetof(Structure, cap_offset) + sizeof(Structure::cap_offset);
}

// A capability with a count, padding, and that many entries, each of two numbers.
std::vector<std::pair<uint64_t, uint64_t>> pairs(std::span<const std::byte> data,
                                                 const char* what) {
  const auto count = leading<uint32_t>(data);
  const size_t room = data.size() < 8 ? 0 : (data.size() - 8) / 16;
  if (data.size() < 8 || count > room) {
    throw_error("{} {} where there is room for {}", count, what, room);
  }
  std::vector<std::pair<uint64_t, uint64_t>> entries(count);
  for (size_t i = 0; i < count; ++i) {
    std::memcpy(&entries[i].first, data.data() + 8 + 16 * i, 8);
    std::memcpy(&entries[i].second, data.data() + 16 + 16 * i, 8);
  }
  return entries;
}

std::vector<RegionPart> sparse_areas(std::span<const std::byte> data, uint64_t region_size) {
  std::vector<RegionPart> areas;
  auto entries = pairs(data, "mappable areas");
  std::sort(entries.begin(), entries.end());
  for (const auto& [offset, size] : entries) {
    if (size == 0) continue;
    if (offset > region_size || size > region_size - offset) {
      throw_error("A mappable area [{:#x}, +{:#x}) in a region of {:#x} bytes", offset, size,
                  region_size);
    }
    if (!areas.empty() && offset <= areas.back().offset + areas.back().size) {
      const uint64_t end = std::max(areas.back().offset + areas.back().size, offset + size);
      areas.back().size = end - areas.back().offset;
    } else {
      areas.push_back({offset, size});
    }
  }
  return areas;
}

std::vector<GuestRange> iova_ranges(std::span<const std::byte> data) {
  std::vector<GuestRange> ranges;
  auto entries = pairs(data, "IOVA ranges");
  std::sort(entries.begin(), entries.end());
  for (const auto& [first, last] : entries) {
    if (first > last || (!ranges.empty() && first <= ranges.back().last())) {
      throw_error("An IOVA range [{:#x}, {:#x}] that is empty or overlaps another", first, last);
    }
    ranges.push_back(range_from(first, last));
  }
  return ranges;
}

// What vfio_pci_hot_reset_info and vfio_pci_hot_reset begin with. Their entries are flexible
// arrays, which C++ has not.
struct CountedHeader {
  uint32_t argsz;
  uint32_t flags;
  uint32_t count;
};
static_assert(sizeof(CountedHeader) == offsetof(vfio_pci_hot_reset_info, devices));
static_assert(sizeof(CountedHeader) == offsetof(vfio_pci_hot_reset, group_fds));

// What vfio_irq_set begins with.
struct IrqSetHeader {
  uint32_t argsz;
  uint32_t flags;
  uint32_t index;
  uint32_t start;
  uint32_t count;
};
static_assert(sizeof(IrqSetHeader) == offsetof(vfio_irq_set, data));

template <typename Header>
std::vector<std::byte> with_entries(Header header, std::span<const int> entries) {
  static_assert(sizeof(int) == 4);
  header.argsz = static_cast<uint32_t>(sizeof header + entries.size_bytes());
  std::vector<std::byte> argument(header.argsz);
  std::memcpy(argument.data(), &header, sizeof header);
  if (!entries.empty()) {
    std::memcpy(argument.data() + sizeof header, entries.data(), entries.size_bytes());
  }
  return argument;
}

void set_irqs(Kernel& kernel, int device, IrqRange range, uint32_t flags,
              std::span<const int> event_fds = {}) {
  const IrqSetHeader header{
      .argsz = 0,
      .flags = flags | (event_fds.empty() ? VFIO_IRQ_SET_DATA_NONE : VFIO_IRQ_SET_DATA_EVENTFD),
      .index = range.index,
      .start = range.first,
      .count = range.count,
  };
  const std::vector<std::byte> argument = with_entries(header, event_fds);
  const int available =
      checked_ioctl(kernel, device, LINTEL_REQUEST(VFIO_DEVICE_SET_IRQS), pointer(argument.data()));
  // So the kernel says that it got fewer vectors, and enabled none.
  if (available > 0) {
    throw_errno(ENOSPC, "The host has {} of the {} vectors that VFIO_DEVICE_SET_IRQS asked for",
                available, range.first + range.count);
  }
}

}  // namespace

// --- containers

void check_api_version(Kernel& kernel, int container) {
  const int version = checked_ioctl(kernel, container, LINTEL_REQUEST(VFIO_GET_API_VERSION), 0);
  if (version != VFIO_API_VERSION) {
    throw_error("VFIO has API version {}, not {}", version, VFIO_API_VERSION);
  }
}

namespace {
uintptr_t iommu_number(IommuKind kind) {
  return kind == IommuKind::kType1v2 ? VFIO_TYPE1v2_IOMMU : VFIO_NOIOMMU_IOMMU;
}
}  // namespace

bool supports_iommu(Kernel& kernel, int container, IommuKind kind) {
  return plain_ioctl(kernel, container, LINTEL_REQUEST(VFIO_CHECK_EXTENSION), iommu_number(kind)) >
         0;
}

void set_iommu(Kernel& kernel, int container, IommuKind kind) {
  checked_ioctl(kernel, container, LINTEL_REQUEST(VFIO_SET_IOMMU), iommu_number(kind));
}

DmaGeometry iommu_geometry(Kernel& kernel, int container) {
  return parse_iommu(
      read_info(kernel, container, LINTEL_REQUEST(VFIO_IOMMU_GET_INFO), vfio_iommu_type1_info{}));
}

DmaGeometry parse_iommu(std::span<const std::byte> bytes) {
  const auto info = leading<vfio_iommu_type1_info>(bytes);
  // What an IOMMU can do that says nothing of itself, as before Linux 5.4.
  DmaGeometry geometry;
  geometry.usable = {range_from(0, UINT64_MAX)};
  if ((info.flags & VFIO_IOMMU_INFO_PGSIZES) != 0 && info.iova_pgsizes != 0) {
    geometry.page_sizes = info.iova_pgsizes;
  }
  if ((info.flags & VFIO_IOMMU_INFO_CAPS) == 0) return geometry;
  for (const Capability& capability :
       capability_chain(bytes, fixed_part<vfio_iommu_type1_info>(), info.cap_offset)) {
    if (capability.id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE) {
      geometry.usable = iova_ranges(capability.data);
    } else if (capability.id == VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL) {
      if (capability.data.size() < 4) throw_error("A count of free DMA mappings is cut off");
      geometry.free_mappings = leading<uint32_t>(capability.data);
    }
  }
  return geometry;
}

void map_dma(Kernel& kernel, int container, const DmaMap& map) {
  const vfio_iommu_type1_dma_map argument{
      .argsz = sizeof argument,
      .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
      .vaddr = pointer(map.host),
      .iova = map.range.base.value,
      .size = map.range.size,
  };
  checked_ioctl(kernel, container, LINTEL_REQUEST(VFIO_IOMMU_MAP_DMA), pointer(&argument));
}

uint64_t unmap_dma(Kernel& kernel, int container, GuestRange range) {
  vfio_iommu_type1_dma_unmap argument{};
  argument.argsz = sizeof argument;
  argument.iova = range.base.value;
  argument.size = range.size;
  checked_ioctl(kernel, container, LINTEL_REQUEST(VFIO_IOMMU_UNMAP_DMA), pointer(&argument));
  return argument.size;
}

// --- groups

GroupStatus group_status(Kernel& kernel, int group) {
  vfio_group_status status{.argsz = sizeof status, .flags = 0};
  checked_ioctl(kernel, group, LINTEL_REQUEST(VFIO_GROUP_GET_STATUS), pointer(&status));
  return {.viable = (status.flags & VFIO_GROUP_FLAGS_VIABLE) != 0,
          .in_container = (status.flags & VFIO_GROUP_FLAGS_CONTAINER_SET) != 0};
}

void set_container(Kernel& kernel, int group, int container) {
  checked_ioctl(kernel, group, LINTEL_REQUEST(VFIO_GROUP_SET_CONTAINER), pointer(&container));
}

UniqueFd group_device(Kernel& kernel, int group, const std::string& name) {
  return UniqueFd(checked_ioctl(kernel, group, LINTEL_REQUEST(VFIO_GROUP_GET_DEVICE_FD),
                                pointer(name.c_str())));
}

// --- devices

DeviceInfo device_info(Kernel& kernel, int device) {
  vfio_device_info info{};
  info.argsz = sizeof info;
  // What follows the structure tells nothing that we use.
  checked_ioctl(kernel, device, LINTEL_REQUEST(VFIO_DEVICE_GET_INFO), pointer(&info));
  constexpr uint32_t kMost = 4096;  // indices; far above what any driver has
  if (info.num_regions > kMost || info.num_irqs > kMost) {
    throw_error("{} regions and {} interrupt indices", info.num_regions, info.num_irqs);
  }
  DeviceInfo result{
      .can_reset = (info.flags & VFIO_DEVICE_FLAGS_RESET) != 0,
      .regions = info.num_regions,
      .irqs = info.num_irqs,
  };
  if ((info.flags & VFIO_DEVICE_FLAGS_PCI) != 0) {
    result.kind = DeviceKind::kPci;
  } else if ((info.flags & VFIO_DEVICE_FLAGS_PLATFORM) != 0) {
    result.kind = DeviceKind::kPlatform;
  } else if ((info.flags & VFIO_DEVICE_FLAGS_AMBA) != 0) {
    result.kind = DeviceKind::kAmba;
  } else {
    throw_error("Neither a PCI nor a platform device (VFIO device flags {:#x})", info.flags);
  }
  return result;
}

Region region(Kernel& kernel, int device, uint32_t index) {
  vfio_region_info question{};
  question.index = index;
  try {
    return parse_region(
        read_info(kernel, device, LINTEL_REQUEST(VFIO_DEVICE_GET_REGION_INFO), question));
  } catch (const Error& error) {
    if (error.errno_value() == EINVAL) return {.info = {.index = index}, .file_offset = 0};
    throw;
  }
}

Region parse_region(std::span<const std::byte> bytes) {
  const auto info = leading<vfio_region_info>(bytes);
  Region region{
      .info = {.index = info.index,
               .size = info.size,
               .readable = (info.flags & VFIO_REGION_INFO_FLAG_READ) != 0,
               .writable = (info.flags & VFIO_REGION_INFO_FLAG_WRITE) != 0,
               .mappable = (info.flags & VFIO_REGION_INFO_FLAG_MMAP) != 0},
      .file_offset = info.offset,
  };
  constexpr uint64_t kLargestOffset = std::numeric_limits<int64_t>::max();
  if (info.offset > kLargestOffset || info.size > kLargestOffset - info.offset) {
    throw_error("Region {} of {:#x} bytes at file offset {:#x}", info.index, info.size,
                info.offset);
  }
  if ((info.flags & VFIO_REGION_INFO_FLAG_CAPS) == 0) return region;
  for (const Capability& capability :
       capability_chain(bytes, sizeof(vfio_region_info), info.cap_offset)) {
    switch (capability.id) {
      case VFIO_REGION_INFO_CAP_SPARSE_MMAP:
        region.info.sparse = sparse_areas(capability.data, info.size);
        break;
      case VFIO_REGION_INFO_CAP_TYPE:
        if (capability.data.size() < 8) throw_error("The type of region {} is cut off", info.index);
        region.info.type = {leading<uint32_t>(capability.data),
                            leading<uint32_t>(capability.data.subspan(4))};
        break;
      case VFIO_REGION_INFO_CAP_MSIX_MAPPABLE: region.info.msix_mappable = true; break;
      default: break;
    }
  }
  return region;
}

IrqInfo irq(Kernel& kernel, int device, uint32_t index) {
  vfio_irq_info info{};
  info.argsz = sizeof info;
  info.index = index;
  const int result =
      plain_ioctl(kernel, device, LINTEL_REQUEST(VFIO_DEVICE_GET_IRQ_INFO), pointer(&info));
  if (result == -EINVAL) return {.index = index};
  if (result < 0) throw_errno(-result, "VFIO_DEVICE_GET_IRQ_INFO failed");
  return {.index = index,
          .count = info.count,
          .eventfd = (info.flags & VFIO_IRQ_INFO_EVENTFD) != 0,
          .maskable = (info.flags & VFIO_IRQ_INFO_MASKABLE) != 0,
          .automasked = (info.flags & VFIO_IRQ_INFO_AUTOMASKED) != 0,
          .noresize = (info.flags & VFIO_IRQ_INFO_NORESIZE) != 0};
}

void trigger_by(Kernel& kernel, int device, IrqRange range, std::span<const int> event_fds) {
  set_irqs(kernel, device, range, VFIO_IRQ_SET_ACTION_TRIGGER, event_fds);
}

void unmask_by(Kernel& kernel, int device, IrqRange range, int event_fd) {
  set_irqs(kernel, device, range, VFIO_IRQ_SET_ACTION_UNMASK, std::span(&event_fd, 1));
}

void mask(Kernel& kernel, int device, IrqRange range) {
  set_irqs(kernel, device, range, VFIO_IRQ_SET_ACTION_MASK);
}

void unmask(Kernel& kernel, int device, IrqRange range) {
  set_irqs(kernel, device, range, VFIO_IRQ_SET_ACTION_UNMASK);
}

void disable_irqs(Kernel& kernel, int device, uint32_t index) {
  set_irqs(kernel, device, {.index = index}, VFIO_IRQ_SET_ACTION_TRIGGER);
}

void reset(Kernel& kernel, int device) {
  checked_ioctl(kernel, device, LINTEL_REQUEST(VFIO_DEVICE_RESET), 0);
}

std::vector<HotResetPeer> hot_reset_peers(Kernel& kernel, int device) {
  // A bus has at most 256 functions, a slot fewer; bridges below add theirs.
  constexpr uint32_t kMost = 1 << 16;
  constexpr size_t kEntry = sizeof(vfio_pci_dependent_device);
  CountedHeader info{};
  std::vector<std::byte> bytes(sizeof info);
  while (true) {
    info = {};
    info.argsz = static_cast<uint32_t>(bytes.size());
    std::memcpy(bytes.data(), &info, sizeof info);
    const int result = plain_ioctl(
        kernel, device, LINTEL_REQUEST(VFIO_DEVICE_GET_PCI_HOT_RESET_INFO), pointer(bytes.data()));
    if (result == -ENODEV) return {};
    info = leading<CountedHeader>(bytes);
    const uint32_t room = static_cast<uint32_t>((bytes.size() - sizeof info) / kEntry);
    if (result >= 0 && info.count <= room) break;
    if (result < 0 && (result != -ENOSPC || info.count <= room || info.count > kMost)) {
      throw_errno(-result, "VFIO_DEVICE_GET_PCI_HOT_RESET_INFO failed");
    }
    if (result >= 0) throw_error("{} functions in a reply with room for {}", info.count, room);
    bytes.assign(sizeof info + info.count * kEntry, std::byte{0});
  }
  std::vector<HotResetPeer> peers;
  for (uint32_t i = 0; i < info.count; ++i) {
    const auto peer = leading<vfio_pci_dependent_device>(
        std::span<const std::byte>(bytes).subspan(sizeof info + i * kEntry, kEntry));
    peers.push_back(
        {.segment = peer.segment, .bus = peer.bus, .devfn = peer.devfn, .owner = peer.group_id});
#ifdef VFIO_PCI_HOT_RESET_FLAG_DEV_ID  // Linux 6.6; without it devices are opened by their groups
    if ((info.flags & VFIO_PCI_HOT_RESET_FLAG_DEV_ID) != 0) {
      peers.back().ours = peer.devid != static_cast<uint32_t>(VFIO_PCI_DEVID_NOT_OWNED);
      if (!*peers.back().ours) peers.back().owner = 0;
    }
#endif
  }
  return peers;
}

void hot_reset(Kernel& kernel, int device, std::span<const int> owners) {
  const CountedHeader header{.argsz = 0, .flags = 0, .count = static_cast<uint32_t>(owners.size())};
  const std::vector<std::byte> argument = with_entries(header, owners);
  checked_ioctl(kernel, device, LINTEL_REQUEST(VFIO_DEVICE_PCI_HOT_RESET),
                pointer(argument.data()));
}

}  // namespace lintel::passthrough::uapi
