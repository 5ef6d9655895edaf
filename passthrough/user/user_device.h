// SPDX-License-Identifier: Apache-2.0
// A device that another process serves over vfio-user.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "passthrough/device.h"
#include "passthrough/user/session.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough::user {

// A server that is gone is a device that must be let go, so the interrupt pci_irq::kRequest exists
// whether or not the server has it, and is signalled then.
class UserDevice final : public Device {
 public:
  // Asks for everything that the device is, once: a server cannot change its mind. Throws Error.
  explicit UserDevice(std::shared_ptr<Session> session);

  const std::string& name() const override { return session_->name(); }
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
  void end_within(std::chrono::milliseconds limit) override;
  void begin_operation() override { session_->patience().begin(); }
  void end_operation() override { session_->patience().end(); }
  void reset() override;
  std::vector<HotResetPeer> hot_reset_peers() override { return {}; }
  void hot_reset(std::span<const int> owners) override;

 private:
  struct Region {
    RegionInfo info;
    UniqueFd file;  // of a mappable region
    uint64_t file_offset = 0;
  };
  struct Access {
    Command command;
    uint32_t region;
    uint64_t offset;
    size_t size;
  };

  // Asks what is in `room` then, by the deadline of all that is asked at the start.
  Answer ask(Command command, std::span<const std::byte> question, std::span<std::byte> room,
             Deadline deadline);
  Region ask_region(uint32_t index, Deadline deadline);
  IrqInfo ask_irq(uint32_t index, Deadline deadline);
  const Region& checked_region(uint32_t index) const;
  void check_vectors(uint32_t index, uint32_t first, size_t count) const;
  bool inside(uint32_t region, uint64_t offset, size_t size) const;
  // One message: `from` of a write, `to` of a read.
  bool access(const Access& access, std::span<const std::byte> from, std::span<std::byte> to);
  // What is done to `count` interrupts from `first` on; `fds` are all of them or none.
  struct IrqAction {
    uint32_t index = 0;
    uint32_t first = 0;
    uint32_t count = 0;
    uint32_t flags = 0;
  };
  void set_irqs(const IrqAction& action, std::span<const int> fds = {});

  const std::shared_ptr<Session> session_;
  DeviceInfo info_;
  std::vector<Region> regions_;
  std::vector<IrqInfo> irqs_;
  bool server_has_request_ = false;
};

}  // namespace lintel::passthrough::user
