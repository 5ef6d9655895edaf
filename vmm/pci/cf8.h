// SPDX-License-Identifier: Apache-2.0
// PCI configuration mechanism #1 (PCI Local Bus 3.0, 3.2.2.3.2): ports 0xcf8 to 0xcff, with the
// reset control register of PC chipsets at byte 0xcf9 (Intel ICH9 datasheet, 13.7.5).
#pragma once

#include <cstdint>

#include "vmm/base/sync.h"
#include "vmm/bus/device.h"
#include "vmm/pci/root_complex.h"

namespace lintel::pci {

struct Cf8Config {
  // False leaves the reset control register alone. Linux prefers this mechanism, two exits an
  // access, to ECAM, whose reads are free, for the first 256 bytes, so a guest that is booted
  // directly should not find it. Firmware needs it.
  bool mechanism = true;
  Device* reset_control = nullptr;  // takes byte accesses to 0xcf9, at offset 0; may be null
};

// To be put at port 0xcf8 with 8 bytes.
class Cf8 final : public Device {
 public:
  Cf8(RootComplex& root_complex, const Cf8Config& config);

  std::string_view name() const override { return "pci-config-ports"; }
  uint64_t read(uint64_t offset, AccessSize size) override;
  void write(uint64_t offset, AccessSize size, uint64_t value) override;
  void reset() override;

 private:
  uint32_t address() const;

  RootComplex& root_complex_;
  const Cf8Config config_;
  mutable Mutex mutex_;
  uint32_t address_ GUARDED_BY(mutex_) = 0;
};

}  // namespace lintel::pci
