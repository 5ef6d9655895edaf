// SPDX-License-Identifier: Apache-2.0
// A device that someone else drives for us: the kernel's vfio drivers (kernel_device.h), another
// process (user/), or a test. All that the rest of passthrough/ knows of it; the terms are VFIO's
// (Documentation/driver-api/vfio.rst and linux/vfio.h).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vmm/base/mmap_region.h"

namespace lintel::passthrough {

// A part of a region: bytes from its start.
struct RegionPart {
  uint64_t offset = 0;
  uint64_t size = 0;

  bool operator==(const RegionPart&) const = default;
};

// What a region beyond the fixed ones is (VFIO_REGION_INFO_CAP_TYPE).
struct RegionType {
  uint32_t type = 0;
  uint32_t subtype = 0;

  bool operator==(const RegionType&) const = default;
};

struct RegionInfo {
  uint32_t index = 0;
  uint64_t size = 0;  // 0: there is none
  bool readable = false;
  bool writable = false;
  bool mappable = false;
  // What of a mappable region can be mapped; without a value all of it. Sorted, inside the region,
  // not overlapping; not necessarily on page boundaries.
  std::optional<std::vector<RegionPart>> sparse = std::nullopt;
  std::optional<RegionType> type = std::nullopt;
  bool msix_mappable = false;  // the pages of the MSI-X table may be mapped, so may its neighbours
};

struct IrqInfo {
  uint32_t index = 0;
  uint32_t count = 0;  // 0: there is none
  bool eventfd = false;
  bool maskable = false;
  bool automasked = false;  // masked by the kernel when it fires, until it is unmasked
  bool noresize = false;    // vectors cannot be added while others are enabled
};

enum class DeviceKind : uint8_t { kPci, kPlatform, kAmba };

struct DeviceInfo {
  DeviceKind kind = DeviceKind::kPci;
  bool can_reset = false;
  uint32_t regions = 0;  // indices from 0
  uint32_t irqs = 0;
};

// Indices of a PCI device (linux/vfio.h: VFIO_PCI_*_REGION_INDEX, VFIO_PCI_*_IRQ_INDEX).
namespace pci_region {
inline constexpr uint32_t kBar0 = 0;
inline constexpr uint32_t kRom = 6;
inline constexpr uint32_t kConfig = 7;
inline constexpr uint32_t kVga = 8;
inline constexpr uint32_t kFirstTyped = 9;
}  // namespace pci_region
namespace pci_irq {
inline constexpr uint32_t kIntx = 0;
inline constexpr uint32_t kMsi = 1;
inline constexpr uint32_t kMsix = 2;
inline constexpr uint32_t kError = 3;
inline constexpr uint32_t kRequest = 4;
}  // namespace pci_irq

// One function that a bus reset would reset too, and the group or device that must be ours for it.
struct HotResetPeer {
  uint16_t segment = 0;
  uint8_t bus = 0;
  uint8_t devfn = 0;
  uint32_t owner = 0;  // group number; with iommufd the device's number, 0: it has none
  // With iommufd: whether the kernel counts it as ours. Without a value, whoever holds the group
  // `owner` may reset it.
  std::optional<bool> ours = std::nullopt;
};

// Threads: any, unless a method says otherwise. Everything throws Error but `read` and `write`,
// which a guest can cause.
class Device {
 public:
  virtual ~Device() = default;

  // For messages: "0000:01:00.0".
  virtual const std::string& name() const = 0;
  virtual const DeviceInfo& info() const = 0;
  // Of an index below info().regions or irqs. A region or interrupt that the device lacks has size
  // or count 0.
  virtual RegionInfo region(uint32_t index) = 0;
  virtual IrqInfo irq(uint32_t index) = 0;

  // One access of `to.size()` bytes, inside the region: 1, 2, 4 or 8; of the expansion ROM any
  // number, and configuration space can be read so. False if the device refuses, or is gone.
  virtual bool read(uint32_t region, uint64_t offset, std::span<std::byte> to) = 0;
  virtual bool write(uint32_t region, uint64_t offset, std::span<const std::byte> from) = 0;

  // Memory of the region, whole pages of a mappable part, at an address that is aligned so that
  // large pages can be used. The contents may vanish (the device's memory decode goes off, it is
  // reset or unplugged): only guests touch it, whose access then fails, never this process.
  virtual MmapRegion map(uint32_t region, RegionPart part) = 0;

  // From now on the interrupts `first`, `first + 1`, ... signal these eventfds; -1 means none.
  // Interrupts of the index that were enabled before stay as they are. The descriptors are used,
  // not owned.
  virtual void set_triggers(uint32_t index, uint32_t first, std::span<const int> event_fds) = 0;
  // All interrupts of the index off.
  virtual void disable_irqs(uint32_t index) = 0;
  // Of an automasked interrupt: by call, or by an eventfd (-1: none) whose signal the kernel obeys.
  virtual void mask(uint32_t index, uint32_t vector) = 0;
  virtual void unmask(uint32_t index, uint32_t vector) = 0;
  virtual void set_unmask_event(uint32_t index, uint32_t vector, int event_fd) = 0;
  // How often the host's line behind INTx has fired, of which the device may have only a part.
  // Without a value it is not known.
  virtual std::optional<uint64_t> intx_count() { return std::nullopt; }

  // Who answers for the device has so long for all that is still asked of it, and is gone then, so
  // that nobody waits any longer. For the end.
  virtual void end_within(std::chrono::milliseconds /*limit*/) {}

  // See Operation.
  virtual void begin_operation() {}
  virtual void end_operation() {}

  // The function alone (VFIO_DEVICE_RESET). Only if info().can_reset.
  virtual void reset() = 0;
  // The functions that a reset of the bus, or slot, affects, this one among them; empty if there is
  // no such reset.
  virtual std::vector<HotResetPeer> hot_reset_peers() = 0;
  // Resets them. `owners`: descriptors of their groups, all open; with iommufd none are passed.
  virtual void hot_reset(std::span<const int> owners) = 0;
};

// What a thread does to a device in any number of calls, and somebody waits for as for one. Whoever
// answers for the device may be slow: one that takes longer for all accesses and interrupts of an
// operation than it may for a single one is gone. An operation inside another one of the same
// thread is a part of it.
class Operation {
 public:
  explicit Operation(Device& device) : device_(device) { device_.begin_operation(); }
  ~Operation() { device_.end_operation(); }
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

 private:
  Device& device_;
};

}  // namespace lintel::passthrough
