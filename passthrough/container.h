// SPDX-License-Identifier: Apache-2.0
// A VFIO container with a type-1 IOMMU (Documentation/driver-api/vfio.rst): the devices of all its
// groups share one I/O address space.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "passthrough/dma.h"
#include "passthrough/kernel_device.h"
#include "passthrough/map_errors.h"
#include "passthrough/uapi/kernel.h"
#include "vmm/base/error.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough {

// The kernel wants steps in order: a group is opened, found viable, put into the container, which
// then gets its IOMMU, and only then maps memory. So a container is made with its first group.
class Container final : public DmaSpace {
 public:
  struct Options {
    std::string devices = "/dev/vfio";
    std::string groups = "/sys/kernel/iommu_groups";
    // Groups without an IOMMU: their devices write wherever the guest tells them to, into any
    // memory of the host.
    bool allow_unsafe_noiommu = false;
  };

  // Throws Error that says what the host lacks.
  Container(uapi::Kernel& kernel, uint32_t first_group, Options options);

  // Nothing happens if it is there already. Memory that is mapped is mapped for it too.
  void add_group(uint32_t group);
  // The group is the host's again; none of its devices is open. Not for the last one, with which
  // the container would forget its IOMMU and all that is mapped.
  void remove_group(uint32_t group);
  // A device of a group that was added, as the group's devices/ in sysfs calls it.
  std::unique_ptr<KernelDevice> open_device(uint32_t group, const std::string& name);
  // For KVM and for resets of the bus, while the container is there. Throws if it was not added.
  int group_fd(uint32_t group) const;

  const std::string& name() const override { return name_; }
  DmaGeometry geometry() override;
  void map(const MappedMemory& memory) override;
  void unmap(GuestRange range) override;

 private:
  struct Group {
    uint32_t number;
    UniqueFd fd;
    bool without_iommu;
  };
  Group open_group(uint32_t number) const;
  Group open_group_node(uint32_t number) const;
  // Also gives the container its IOMMU, if it has none yet.
  void attach(const Group& group);
  Error explain_attach(Error failure, uint32_t group) const;

  uapi::Kernel& kernel_;
  const Options options_;
  const std::string name_ = "VFIO container";
  // Any order of closing will do: the kernel keeps what is still in use.
  UniqueFd container_;
  std::vector<Group> groups_;
  bool without_iommu_ = false;  // the groups are all of one kind
  LockedRam ram_;
};

}  // namespace lintel::passthrough
