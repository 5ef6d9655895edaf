// SPDX-License-Identifier: Apache-2.0
// iommufd's ioctls, and VFIO's for devices that are opened without their group (linux/iommufd.h,
// linux/vfio.h of Linux 6.6 or later): the only place that knows their structures. Functions throw
// Error "NAME failed" with the errno. In a build whose kernel headers were older all of them throw.
#pragma once

#include <cstddef>
#include <cstdint>

#include "passthrough/dma.h"
#include "passthrough/uapi/kernel.h"
#include "vmm/base/types.h"

namespace lintel::passthrough::uapi {

// Whether the functions below do anything.
bool built_with_iommufd();

// --- /dev/iommu. An I/O address space has a number.

uint32_t allocate_ioas(Kernel& kernel, int iommufd);
// Whether small pages are joined to the IOMMU's larger ones, as they are at first.
void set_huge_pages(Kernel& kernel, int iommufd, uint32_t ioas, bool on);
// Becomes narrower with each device that is attached.
DmaGeometry ioas_geometry(Kernel& kernel, int iommufd, uint32_t ioas);
void ioas_map(Kernel& kernel, int iommufd, uint32_t ioas, const MappedMemory& memory);
// Returns how many bytes were unmapped.
uint64_t ioas_unmap(Kernel& kernel, int iommufd, uint32_t ioas, GuestRange range);

// --- a device: /dev/vfio/devices/vfioN

// Nothing else can be done with it before. Returns its number, by which hot_reset_peers tells it.
uint32_t bind_iommufd(Kernel& kernel, int device, int iommufd);
void attach_ioas(Kernel& kernel, int device, uint32_t ioas);

}  // namespace lintel::passthrough::uapi
