// SPDX-License-Identifier: Apache-2.0
// The devices that a guest has, open from its first start, or from when they are plugged in, to its
// end, or to when they are unplugged. Each start of the guest, the first and those after its
// reboots, gets them reset.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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
#include "vmm/base/sync.h"

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
    // The host; tests answer for it. The kernel outlives the session; null: the host's own.
    std::function<Backends()> find_backends = passthrough::find_backends;
    uapi::Kernel* kernel = nullptr;
  };

  // Throws Error.
  Session(std::span<const SessionDevice> devices, const Options& options);
  // Resets the devices a last time; a failure is logged, unless the reset before failed too.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // The host's devices share one; each other process has its own.
  std::vector<DmaSpace*> dma_spaces() const { return dma_spaces_without({}); }
  // That of the host's devices, for which what is mapped must be there; null: there is none.
  DmaSpace* pinning_space() const;
  // Where all of them can map memory.
  std::vector<GuestRange> usable_addresses() const;

  size_t size() const { return devices_.size(); }
  // In the order that they were given.
  Device& device(size_t index) { return *devices_[index].device; }
  const std::string& device_name(size_t index) const { return devices_[index].device->name(); }
  // Before a guest starts, the first time or again. Throws Error.
  void reset();
  const ResetCounts& resets(size_t index) const { return devices_[index].resets; }
  // What KVM is to know of (KVM_DEV_TYPE_VFIO).
  std::vector<int> kvm_files() const { return kvm_files_without({}); }

  // It ends: servers, those of devices that are opened yet too, have so long from now on for all
  // that is still asked of them, and are gone then. The shortest limit counts. Threads: any, also
  // while another one is inside this object.
  void end_within(std::chrono::milliseconds limit);

  // More devices, reset together, while a guest may use the others. Memory that is mapped into a
  // space that was there already is mapped for them too. Throws Error; then none of them is open.
  std::vector<Device*> open_devices(std::span<const SessionDevice> devices);
  // What is left without these devices: whoever uses more lets go of it before they are closed.
  std::vector<DmaSpace*> dma_spaces_without(std::span<Device* const> devices) const;
  std::vector<int> kvm_files_without(std::span<Device* const> devices) const;
  // Resets them together and closes them. A device that cannot be reset is a warning.
  void close_devices(std::span<Device* const> devices);

 private:
  struct Open {
    SessionDevice what;
    uint32_t group = 0;  // with a container
    int group_fd = -1;
    int device_fd = -1;  // with iommufd
    DmaSpace* space = nullptr;
    std::unique_ptr<Device> device;
    ResetCounts resets = {};
  };

  using When = bool SessionDevice::*;

  void open_all(std::span<const SessionDevice> devices);
  void reset_where(When when);
  Open open(const SessionDevice& what);
  Open open_served(const SessionDevice& what);
  Open open_by_group(const SessionDevice& what);
  Open open_by_node(const SessionDevice& what);
  void reset_alone(std::span<Device* const> devices, When when);
  void close_all(std::span<Device* const> devices);
  void close_groups(std::vector<uint32_t> groups);
  bool uses(const DmaSpace* space) const;

  const Options options_;
  uapi::HostKernel host_kernel_;
  uapi::Kernel& kernel_;
  // At most one of them.
  std::unique_ptr<Container> container_;
  std::unique_ptr<Iommufd> iommufd_;
  std::vector<std::unique_ptr<DmaSpace>> served_spaces_;
  Mutex served_mutex_;
  std::vector<Device*> served_ GUARDED_BY(served_mutex_);  // of `devices_`, or on the way to them
  std::optional<std::chrono::steady_clock::time_point> end_ GUARDED_BY(served_mutex_);
  std::vector<Open> devices_;
  bool started_ = false;
  bool reset_failed_ = false;  // the last one; its error says why
};

}  // namespace lintel::passthrough
