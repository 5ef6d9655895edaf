// SPDX-License-Identifier: Apache-2.0
// What became of a function in the guest: how much of it works without exits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "passthrough/device.h"
#include "passthrough/pci/access_count.h"

namespace lintel::passthrough::pci {

struct BarReport {
  unsigned index = 0;
  uint64_t size = 0;
  uint64_t mapped = 0;                   // bytes that the guest reaches without exits at the moment
  std::vector<RegionPart> holes;         // where it exits even while the BAR is decoded
  uint64_t accesses = 0;                 // that exited
  std::vector<AccessCount::Page> pages;  // to which most of them went
};

struct InterruptReport {
  std::string_view kind;  // "MSI-X", "MSI", "INTx", "none"
  unsigned vectors = 0;   // that the host has armed
  unsigned most = 0;      // that it has had armed at once
  // Of INTx: who ends it ("kernel", "event", "access", "off"), and how many there were, if that is
  // known.
  std::string_view intx_way = {};
  std::optional<uint64_t> intx_count = {};
};

struct FunctionReport {
  std::string device;
  InterruptReport interrupts;
  uint64_t config_accesses = 0;
  uint64_t guest_resets = 0;  // that the guest asked for, and the device was given
  std::vector<BarReport> bars;
  std::vector<RegionInfo> regions;  // of the host's driver's own, which have a type
};

}  // namespace lintel::passthrough::pci
