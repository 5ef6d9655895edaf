// SPDX-License-Identifier: Apache-2.0
// The in-kernel interrupt controller: GICv3 with an ITS, or GICv2 (Linux
// Documentation/virt/kvm/devices/arm-vgic.rst, arm-vgic-v3.rst, arm-vgic-its.rst).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "vmm/base/types.h"
#include "vmm/base/unique_fd.h"
#include "vmm/kvm/vm.h"

namespace lintel::kvm {

enum class GicVersion : uint8_t { kV2, kV3 };

// What this host's KVM has.
bool has_gic(const Vm& vm, GicVersion version);
bool has_its(const Vm& vm);

struct GicPlacement {
  GuestAddress distributor;
  GuestAddress cpu_interface;              // version 2
  std::vector<GuestRange> redistributors;  // version 3; whole pairs of 64 KiB frames
  std::optional<GuestAddress> its;         // version 3
  uint32_t spi_count = 0;                  // with the 32 private interrupts a multiple of 32
};

class Gic {
 public:
  // Before the vCPUs. Throws Error.
  Gic(Vm& vm, GicVersion version, const GicPlacement& placement);

  // Once all vCPUs are there, before the first runs. Throws Error.
  void start();

  GicVersion version() const { return version_; }

 private:
  Vm& vm_;
  const GicVersion version_;
  UniqueFd fd_;
  UniqueFd its_;  // empty without one
};

// The fixed GSI table: GSI n is SPI n.
std::vector<IrqRouting::Fixed> gic_routing(uint32_t spi_count);

}  // namespace lintel::kvm
