// SPDX-License-Identifier: Apache-2.0
#include "passthrough/backend.h"

#include <filesystem>

#include "passthrough/uapi/iommufd.h"
#include "vmm/base/error.h"

namespace lintel::passthrough {

Backends find_backends() {
  return find_backends_below({});
}

Backends find_backends_below(const std::string& root) {
  std::error_code code;
  return {.container = std::filesystem::exists(root + "/dev/vfio/vfio", code),
          .iommufd = std::filesystem::exists(root + "/dev/iommu", code) &&
                     std::filesystem::exists(root + "/dev/vfio/devices", code),
          .built_with_iommufd = uapi::built_with_iommufd()};
}

Backend choose_backend(Backend wanted, const Backends& there) {
  const bool iommufd = there.iommufd && there.built_with_iommufd;
  switch (wanted) {
    case Backend::kContainer:
      if (there.container) return Backend::kContainer;
      throw Error("This host has no VFIO containers (/dev/vfio/vfio)")
          .with_help(iommufd ? "it has iommufd: let it be chosen, or ask for it"
                             : "`modprobe vfio-pci`");
    case Backend::kIommufd:
      if (iommufd) return Backend::kIommufd;
      if (!there.built_with_iommufd) {
        throw Error(
            "This lintel was built without iommufd, with kernel headers older than Linux 6.6")
            .with_help(
                "build it with newer ones (-DLINTEL_KERNEL_HEADERS=FOLDER), or use the "
                "container");
      }
      throw Error("This host has no iommufd (/dev/iommu, /dev/vfio/devices)")
          .with_help(
              "bind a device to vfio-pci and `modprobe iommufd`; the host's kernel needs "
              "CONFIG_IOMMUFD and CONFIG_VFIO_DEVICE_CDEV (Linux 6.6)");
    case Backend::kAuto: break;
  }
  if (there.container) return Backend::kContainer;
  if (iommufd) return Backend::kIommufd;
  throw Error("This host has no VFIO (neither /dev/vfio/vfio nor /dev/iommu)")
      .with_help(
          "`modprobe vfio-pci`, and turn the IOMMU on: in the firmware, and with "
          "intel_iommu=on on the kernel's command line");
}

}  // namespace lintel::passthrough
