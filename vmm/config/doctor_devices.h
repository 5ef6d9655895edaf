// SPDX-License-Identifier: Apache-2.0
// What `lintel doctor` says of passing devices: the IOMMU, interrupts, VFIO, locked memory.
#pragma once

#include "vmm/config/doctor.h"

namespace lintel::doctor {

Finding check_iommu(const Host& host);
Finding check_interrupts(const Host& host);
Finding check_vfio_driver(const Host& host);
Finding check_vfio_nodes(const Host& host);
Finding check_memlock(const Host& host);
Finding check_virtual_host(const Host& host);

}  // namespace lintel::doctor
