// SPDX-License-Identifier: Apache-2.0
// Which of the kernel's two ways to devices and their DMA is used.
#pragma once

#include <cstdint>
#include <string>

namespace lintel::passthrough {

enum class Backend : uint8_t { kAuto, kContainer, kIommufd };

// What the host and this build have.
struct Backends {
  bool container = false;  // /dev/vfio/vfio
  bool iommufd = false;    // /dev/iommu and /dev/vfio/devices
  bool built_with_iommufd = true;
};
Backends find_backends();
// The same of a host whose files are below another root.
Backends find_backends_below(const std::string& root);

// Never kAuto. The container is taken where there is one: only it maps devices' memory for their
// peers on today's kernels. Throws Error that says what is missing.
Backend choose_backend(Backend wanted, const Backends& there);

}  // namespace lintel::passthrough
