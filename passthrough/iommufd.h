// SPDX-License-Identifier: Apache-2.0
// One I/O address space of iommufd (Documentation/userspace-api/iommufd.rst), and devices that are
// opened by their own nodes, without groups.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "passthrough/dma.h"
#include "passthrough/kernel_device.h"
#include "passthrough/map_errors.h"
#include "passthrough/uapi/kernel.h"
#include "vmm/base/error.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough {

// Not for peer-to-peer: iommufd maps memory that the kernel can pin, which a device's is not.
class Iommufd final : public DmaSpace {
 public:
  struct Options {
    std::string node = "/dev/iommu";
    std::string devices = "/dev/vfio/devices";
    bool huge_pages = true;  // off to measure what they bring
  };

  // Throws Error that says what the host, or this build, lacks.
  Iommufd(uapi::Kernel& kernel, Options options);

  // The device of a folder in sysfs, "/sys/bus/pci/devices/0000:01:00.0", whose last part is its
  // name. It sees the address space from now on, whose geometry may be narrower then.
  std::unique_ptr<KernelDevice> open_device(const std::string& folder);

  const std::string& name() const override { return name_; }
  DmaGeometry geometry() override;
  void map(const MappedMemory& memory) override;
  void unmap(GuestRange range) override;

 private:
  uapi::Kernel& kernel_;
  const Options options_;
  const std::string name_ = "iommufd";
  UniqueFd iommufd_;
  uint32_t ioas_ = 0;
  LockedRam ram_;
};

// The node of a device, "vfio3", from its folder in sysfs. Throws Error that says why there is
// none.
std::string device_node(const std::string& folder);

}  // namespace lintel::passthrough
