// SPDX-License-Identifier: Apache-2.0
// A PCI Express root port: a bridge with one link, to device 0 of its secondary bus.
//
// Its memory and port windows are registers only: what is behind the port is decoded by its own
// BARs, whether or not the windows cover them. No guest depends on an access being dropped.
#pragma once

#include <optional>
#include <string>

#include "vmm/pci/capabilities.h"
#include "vmm/pci/function.h"
#include "vmm/pci/hotplug_slot.h"
#include "vmm/pci/pci_bus.h"

namespace lintel::pci {

struct RootPortConfig {
  // A generic root port: no driver binds to more than the class code.
  FunctionIds ids{.vendor = 0x1b36, .device = 0x000c, .revision = 0, .class_code = 0x060400};
  ExpressLink link{.speed = 4, .width = 16, .port = 1, .slot = 1};
  bool hot_plug = false;    // the slot can be filled and emptied while the guest runs
  WindowReserve reserve{};  // what the windows have room for whatever is behind the port
};

class RootPort final : public Function {
 public:
  RootPort(PciBus& root_bus, Devfn devfn, const RootPortConfig& config = {});

  std::string_view name() const override { return "root-port"; }
  PciBus* secondary_bus() override { return &secondary_; }
  WindowReserve window_reserve() const override { return reserve_; }
  // Null if the slot is not for hot-plug.
  HotplugSlot* slot() { return slot_ ? &*slot_ : nullptr; }
  void reset() override;

 protected:
  // Secondary bus reset resets what is behind the port (PCI-to-PCI Bridge 1.2, 3.2.5.18).
  void config_written(uint16_t offset, unsigned size) override;

 private:
  const WindowReserve reserve_;
  PciBus secondary_;
  std::optional<HotplugSlot> slot_;
  bool in_reset_ = false;
};

}  // namespace lintel::pci
