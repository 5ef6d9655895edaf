// SPDX-License-Identifier: Apache-2.0
// Parts of the arm64 board that its device tree and its ACPI tables both describe.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "vmm/base/types.h"

namespace lintel::arm64 {

// How the CPUs appear to be arranged: the threads of the first core come first, then those of the
// next, and so on through the sockets.
struct CpuTopology {
  uint32_t sockets = 1;
  uint32_t cores = 1;    // of a socket
  uint32_t threads = 1;  // of a core
};

// What turns messages into shared interrupts (Arm Base System Architecture 1.0, appendix on
// GICv2m).
struct V2mFrame {
  GuestRange registers;
  Spi first;
  uint16_t count = 0;
};

struct GicV2 {
  GuestRange distributor;
  GuestRange cpu_interface;
  std::optional<V2mFrame> v2m;
};

struct GicV3 {
  GuestRange distributor;
  std::vector<GuestRange> redistributors;
  std::optional<GuestRange> its;
};

using Gic = std::variant<GicV2, GicV3>;

// GICv2 (IHI 0048), 4.3.12: what a byte of target CPUs can name.
inline constexpr uint32_t kGicV2MaxCpus = 8;

struct TimerInterrupts {
  Ppi secure;
  Ppi physical;
  Ppi virtual_timer;
  Ppi hypervisor;
};

struct MmioDevice {
  GuestRange registers;
  Spi interrupt;
};

// A PL061, one line of which is the power button.
struct PowerButton {
  MmioDevice gpio;
  uint8_t line = 0;
};

struct Parts {
  // The affinity fields of the vCPUs' MPIDR_EL1, by their numbers; the first is the one that boots.
  std::vector<uint64_t> mpidrs;
  Gic gic;
  TimerInterrupts timer;
  std::optional<Ppi> pmu;
  std::optional<MmioDevice> serial;  // PL011
  std::optional<PowerButton> power_button;
  std::optional<GuestRange> fw_cfg;
  std::optional<GuestRange> pvpanic;
};

}  // namespace lintel::arm64
