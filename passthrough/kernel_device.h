// SPDX-License-Identifier: Apache-2.0
// A device behind the kernel's vfio drivers: a descriptor, however it was obtained.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "passthrough/device.h"
#include "passthrough/uapi/vfio.h"
#include "vmm/base/sync.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough {

class KernelDevice final : public Device {
 public:
  KernelDevice(uapi::Kernel& kernel, UniqueFd fd, std::string name, std::string sysfs = "/sys");

  int fd() const { return fd_.get(); }

  const std::string& name() const override { return name_; }
  const DeviceInfo& info() const override { return info_; }
  RegionInfo region(uint32_t index) override;
  IrqInfo irq(uint32_t index) override;

  bool read(uint32_t region, uint64_t offset, std::span<std::byte> to) override;
  bool write(uint32_t region, uint64_t offset, std::span<const std::byte> from) override;
  MmapRegion map(uint32_t region, RegionPart part) override;

  void set_triggers(uint32_t index, uint32_t first, std::span<const int> event_fds) override;
  void disable_irqs(uint32_t index) override;
  void mask(uint32_t index, uint32_t vector) override;
  void unmask(uint32_t index, uint32_t vector) override;
  void set_unmask_event(uint32_t index, uint32_t vector, int event_fd) override;
  std::optional<uint64_t> intx_count() override;

  void reset() override;
  std::vector<HotResetPeer> hot_reset_peers() override;
  void hot_reset(std::span<const int> owners) override;

 private:
  // Asked of the kernel at the first use: it complains of regions that a device lacks. The
  // reference stays.
  const uapi::Region& known(uint32_t index);
  // Where in the file an access goes; without a value it is refused.
  std::optional<uint64_t> locate(uint32_t region, uint64_t offset, size_t size);
  // Puts the device's name in front of errors.
  template <typename Body>
  decltype(auto) named(const char* what, Body&& body);

  uapi::Kernel& kernel_;
  const UniqueFd fd_;
  const std::string name_;
  const std::string sysfs_;
  const DeviceInfo info_;
  Mutex mutex_;
  std::vector<std::unique_ptr<const uapi::Region>> regions_ GUARDED_BY(mutex_);
};

}  // namespace lintel::passthrough
