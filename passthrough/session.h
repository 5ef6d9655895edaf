// SPDX-License-Identifier: Apache-2.0
// The devices that a guest has, open from its first start to its end. Each start of the guest, the
// first and those after its reboots, gets them reset.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "passthrough/backend.h"
#include "passthrough/container.h"
#include "passthrough/device.h"
#include "passthrough/dma.h"
#include "passthrough/iommufd.h"
#include "passthrough/reset.h"
#include "passthrough/uapi/kernel.h"

namespace lintel::passthrough {

struct SessionDevice {
  std::string name = {};    // "0000:01:00.0", bound to a vfio driver
  std::string socket = {};  // or the path of a vfio-user server's socket
  ResetPolicy reset = ResetPolicy::kAuto;
  // When it is reset: before the first start, before each further one, and at the end.
  bool reset_at_start = true;
  bool reset_at_reboot = true;
  bool reset_at_end = true;
};

// Threads: one at a time.
class Session {
 public:
  struct Options {
    Backend backend = Backend::kAuto;
    bool allow_unsafe_noiommu = false;
    std::string sysfs_devices = "/sys/bus/pci/devices";
  };

  // At least one device. Throws Error.
  Session(std::span<const SessionDevice> devices, const Options& options);
  // Resets the devices a last time.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // The host's devices share one; each other process has its own.
  const std::vector<DmaSpace*>& dma_spaces() const { return spaces_; }
  // Where all of them can map memory.
  std::vector<GuestRange> usable_addresses() const;

  size_t size() const { return devices_.size(); }
  // In the order that they were given.
  Device& device(size_t index) { return *devices_[index].device; }
  const std::string& device_name(size_t index) const { return devices_[index].device->name(); }
  // Before a guest starts, the first time or again. Throws Error.
  void reset();
  // How often it was reset.
  unsigned resets(size_t index) const { return devices_[index].resets; }
  // What KVM is to know of (KVM_DEV_TYPE_VFIO).
  std::vector<int> kvm_files() const;

 private:
  struct Open {
    SessionDevice what;
    uint32_t group = 0;  // with a container
    int group_fd = -1;
    int device_fd = -1;  // with iommufd
    std::unique_ptr<Device> device;
    unsigned resets = 0;
  };

  void reset_where(bool SessionDevice::* when);
  Open open(const SessionDevice& what);
  Open open_served(const SessionDevice& what);
  Open open_by_group(const SessionDevice& what);
  Open open_by_node(const SessionDevice& what);

  const Options options_;
  uapi::HostKernel kernel_;
  std::vector<DmaSpace*> spaces_;
  // At most one of them.
  std::unique_ptr<Container> container_;
  std::unique_ptr<Iommufd> iommufd_;
  std::vector<std::unique_ptr<DmaSpace>> served_spaces_;
  std::vector<Open> devices_;
  bool started_ = false;
};

}  // namespace lintel::passthrough
