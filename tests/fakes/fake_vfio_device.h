// SPDX-License-Identifier: Apache-2.0
// A passed-through device made of bytes: regions of any shape, interrupts of any kind, and calls
// that fail on request.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "passthrough/device.h"
#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/base/sync.h"
#include "vmm/base/types.h"

namespace lintel::passthrough {

class FakeVfioDevice final : public Device {
 public:
  struct Region {
    RegionInfo info;
    std::vector<std::byte> bytes = {};
  };

  explicit FakeVfioDevice(std::string name = "0000:0a:00.0") : name_(std::move(name)) {
    info_ = {.kind = DeviceKind::kPci, .can_reset = true, .regions = 9, .irqs = 5};
    add_region({.index = pci_region::kConfig, .size = 4096, .readable = true, .writable = true});
    config16(0x00, 0x1234);
    config16(0x02, 0x5678);
    config32(0x08, 0x01080201);
  }

  // Script.
  void add_region(const RegionInfo& info) {
    regions_[info.index] = {info, std::vector<std::byte>(info.size)};
  }
  void add_irq(const IrqInfo& irq) { irqs_[irq.index] = irq; }
  void config8(uint16_t offset, uint8_t value) { store_le(&config()[offset], value); }
  void config16(uint16_t offset, uint16_t value) { store_le(&config()[offset], value); }
  void config32(uint16_t offset, uint32_t value) { store_le(&config()[offset], value); }
  uint32_t config32(uint16_t offset) { return load_le<uint32_t>(&config()[offset]); }
  uint16_t config16(uint16_t offset) { return load_le<uint16_t>(&config()[offset]); }
  std::vector<std::byte>& config() { return regions_[pci_region::kConfig].bytes; }
  std::vector<std::byte>& bytes(uint32_t region) { return regions_[region].bytes; }
  // A standard capability, first in the list.
  void add_capability(uint8_t offset, uint8_t id) {
    config8(offset, id);
    config8(static_cast<uint8_t>(offset + 1), std::to_integer<uint8_t>(config()[0x34]));
    config8(0x34, offset);
    config16(0x06, 1 << 4);
  }
  void set_info(const DeviceInfo& info) { info_ = info; }
  void fail(std::string call) { failing_.insert(std::move(call)); }
  void work(const std::string& call) { failing_.erase(call); }
  void vanish() { gone_ = true; }
  // As the kernel shows a device that is gone: it has kept the IDs.
  void lose() { config32(0x08, UINT32_MAX); }

  // What was called, in order: "triggers 2 from 0: 1" and the like.
  std::vector<std::string> take_calls() { return std::exchange(calls_, {}); }
  // The eventfd of an interrupt, or -1.
  int trigger(uint32_t index, uint32_t vector) {
    const auto found = triggers_.find({index, vector});
    return found == triggers_.end() ? -1 : found->second;
  }
  int unmask_event() const { return unmask_event_; }

  const std::string& name() const override { return name_; }
  const DeviceInfo& info() const override { return info_; }
  RegionInfo region(uint32_t index) override {
    const auto found = regions_.find(index);
    return found == regions_.end() ? RegionInfo{.index = index} : found->second.info;
  }
  IrqInfo irq(uint32_t index) override {
    const auto found = irqs_.find(index);
    return found == irqs_.end() ? IrqInfo{.index = index} : found->second;
  }
  bool read(uint32_t region, uint64_t offset, std::span<std::byte> to) override {
    const auto found = regions_.find(region);
    if (gone_ || found == regions_.end()) return false;
    const bool any_size =
        region == pci_region::kRom || (region == pci_region::kConfig && !single_registers);
    if (!any_size && !access_size(to.size())) return false;
    if (offset + to.size() > found->second.bytes.size()) return false;
    std::memcpy(to.data(), &found->second.bytes[offset], to.size());
    if (region == pci_region::kConfig) ++config_reads;
    if (region != pci_region::kConfig) call("read {} {:#x} {}", region, offset, to.size());
    return true;
  }
  bool write(uint32_t region, uint64_t offset, std::span<const std::byte> from) override {
    const auto found = regions_.find(region);
    if (gone_ || found == regions_.end()) return false;
    if (offset + from.size() > found->second.bytes.size()) return false;
    std::memcpy(&found->second.bytes[offset], from.data(), from.size());
    call("write {} {:#x} {}: {:x}", region, offset, from.size(),
         load_le_bytes(from.data(), from.size()));
    return true;
  }
  MmapRegion map(uint32_t region, RegionPart part) override {
    check("map");
    call("map {} {:#x} {:#x}", region, part.offset, part.size);
    return MmapRegion::map(part.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }
  void set_triggers(uint32_t index, uint32_t first, std::span<const int> event_fds) override {
    if (on_triggers) on_triggers();
    check("set_triggers");
    if (first + event_fds.size() > vectors) throw Error("The host has no more vectors");
    call("triggers {} from {}: {}", index, first, event_fds.size());
    for (uint32_t i = 0; i < event_fds.size(); ++i) triggers_[{index, first + i}] = event_fds[i];
  }
  void disable_irqs(uint32_t index) override {
    check("disable_irqs");
    call("disable {}", index);
    std::erase_if(triggers_, [index](const auto& entry) { return entry.first.first == index; });
  }
  void mask(uint32_t index, uint32_t) override { call("mask {}", index); }
  void unmask(uint32_t index, uint32_t) override {
    if (on_unmask) on_unmask();
    call("unmask {}", index);
  }
  void set_unmask_event(uint32_t index, uint32_t, int event_fd) override {
    check("set_unmask_event");
    call("unmask event {}", index);
    unmask_event_ = event_fd;
  }
  std::optional<uint64_t> intx_count() override { return interrupts; }
  void begin_operation() override {
    if (depth_++ == 0) ++operations;
  }
  void end_operation() override { --depth_; }
  void reset() override {
    check("reset");
    call("reset");
    if (lost_by_reset) lose();
  }
  std::vector<HotResetPeer> hot_reset_peers() override { return peers; }
  void hot_reset(std::span<const int> owners) override {
    check("hot_reset");
    call("hot reset with {}", owners.size());
    if (lost_by_reset) lose();
  }

  std::vector<HotResetPeer> peers;
  std::optional<uint64_t> interrupts;  // what `intx_count` says
  bool lost_by_reset = false;          // the device answers no more
  size_t vectors = SIZE_MAX;           // that the host has for one index
  bool single_registers = false;       // are all that is read of configuration space
  unsigned config_reads = 0;
  unsigned operations = 0;
  // While the device is asked for these.
  std::function<void()> on_triggers;
  std::function<void()> on_unmask;

 private:
  template <typename... Args>
  void call(fmt::format_string<Args...> format, Args&&... args) {
    calls_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }
  void check(const std::string& name) {
    if (failing_.contains(name)) throw Error(name + " fails");
  }

  const std::string name_;
  DeviceInfo info_;
  std::map<uint32_t, Region> regions_;
  std::map<uint32_t, IrqInfo> irqs_;
  std::map<std::pair<uint32_t, uint32_t>, int> triggers_;
  int unmask_event_ = -1;
  std::set<std::string> failing_;
  bool gone_ = false;
  unsigned depth_ = 0;  // of operations; the tests use one thread
  std::vector<std::string> calls_;
};

}  // namespace lintel::passthrough
