// SPDX-License-Identifier: Apache-2.0
// 00:00.0, the host bridge: identity, the location of the ECAM window, and the registers that PC
// firmware programs for the memory below 1 MiB (Intel 3 Series Express Chipset Family datasheet,
// 5.1).
#pragma once

#include "vmm/pci/function.h"

namespace lintel::pci {

struct HostBridgeConfig {
  // 82G33/Q35 family memory controller hub: what PC firmware looks for.
  FunctionIds ids{.vendor = 0x8086, .device = 0x29c0, .revision = 0, .class_code = 0x060000};
  GuestRange ecam;           // reported by PCIEXBAR (0x60); fixed, writes are dropped
  bool pc_registers = true;  // PCIEXBAR, PAM (0x90) and SMRAM (0x9d)
};

class HostBridge final : public Function {
 public:
  HostBridge(PciBus& root_bus, const HostBridgeConfig& config);
  std::string_view name() const override { return "host-bridge"; }
};

}  // namespace lintel::pci
