// SPDX-License-Identifier: Apache-2.0
// Brings devices to the state that a guest may expect, and away from what another guest left.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "passthrough/device.h"

namespace lintel::passthrough {

enum class ResetPolicy : uint8_t {
  kAuto,      // the function alone if it can be reset so, else its bus
  kFunction,  // the function alone, in whatever way the host's kernel was told to
  kBus,       // the bus, or slot: everything on it must be ours
  kNone       // as it is; nor is it reset with the bus of another
};

// Of one device, over all calls. What was not asked for does not count.
struct ResetCounts {
  unsigned done = 0;
  unsigned failed = 0;  // there was no way, or it did not answer afterwards
};

// A device, and what a reset of its bus needs to know.
struct ResetTarget {
  Device* device = nullptr;
  ResetPolicy policy = ResetPolicy::kAuto;
  uint32_t owner = 0;             // as HotResetPeer's: the group
  int owner_fd = -1;              // the group's descriptor; -1: it has none (iommufd, vfio-user)
  ResetCounts* counts = nullptr;  // what comes of it is added; null: nobody asks
};

// Makes each device quiet and resets it; those that share a bus are reset together, once. Throws
// Error if a device does not answer afterwards, or one whose policy is `kFunction` or `kBus` cannot
// be reset so: the error names who is missing. Where `kAuto` finds no way, that is a warning.
//
// `in_use`: names of other devices that are ours, which must not be reset with a bus of the
// targets': a guest uses them.
void reset_devices(std::span<const ResetTarget> targets, std::span<const std::string> in_use = {});

}  // namespace lintel::passthrough
