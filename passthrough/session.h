// SPDX-License-Identifier: Apache-2.0
// The host's devices that a guest has, open from its first start to its end. Each start of the
// guest, the first and those after its reboots, gets them reset.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "passthrough/container.h"
#include "passthrough/device.h"
#include "passthrough/dma.h"
#include "passthrough/reset.h"
#include "passthrough/uapi/kernel.h"

namespace lintel::passthrough {

struct SessionDevice {
  std::string name;  // "0000:01:00.0", bound to a vfio driver
  uint32_t group = 0;
  ResetPolicy reset = ResetPolicy::kAuto;
};

// Threads: one at a time.
class Session {
 public:
  struct Options {
    bool allow_unsafe_noiommu = false;
  };

  // At least one device. Throws Error.
  Session(std::span<const SessionDevice> devices, const Options& options);
  // Resets the devices a last time.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  DmaSpace& dma() { return *container_; }
  size_t size() const { return devices_.size(); }
  // In the order that they were given.
  Device& device(size_t index) { return *devices_[index].device; }
  // Before a guest starts. Throws Error.
  void reset();
  // What KVM is to know of (KVM_DEV_TYPE_VFIO).
  std::vector<int> kvm_files() const;

 private:
  struct Open {
    SessionDevice what;
    std::unique_ptr<Device> device;
  };

  uapi::HostKernel kernel_;
  std::unique_ptr<Container> container_;
  std::vector<Open> devices_;
};

}  // namespace lintel::passthrough
