// SPDX-License-Identifier: Apache-2.0
// Where everything is on the arm64 board. The addresses are those of the widely supported "virt"
// platform, so that distribution firmware built for it finds what it expects; the bus wiring, the
// device tree and the ACPI tables all read this file.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "firmware/arm64_parts.h"
#include "vmm/base/types.h"
#include "vmm/memory/layout.h"

namespace lintel::virt {

constexpr LayoutEntry at(std::string_view name, uint64_t base, uint64_t size) {
  return {name, {GuestAddress(base), size}};
}

// Flash: the firmware, which runs from the reset address, and its variables.
inline constexpr LayoutEntry kFlash0 = at("flash-0", 0, 64 * kMiB);
inline constexpr LayoutEntry kFlash1 = at("flash-1", 64 * kMiB, 64 * kMiB);

// Interrupt controllers. A machine has version 2 (CPU interface and v2m frame) or version 3 (ITS
// and redistributors); the distributor is in the same place.
inline constexpr LayoutEntry kGicDistributor = at("gic-distributor", 0x08000000, 64 * kKiB);
inline constexpr LayoutEntry kGicCpuInterface = at("gic-cpu-interface", 0x08010000, 64 * kKiB);
inline constexpr LayoutEntry kGicV2m = at("gic-v2m", 0x08020000, 4 * kKiB);
inline constexpr LayoutEntry kGicIts = at("gic-its", 0x08080000, 128 * kKiB);
inline constexpr LayoutEntry kGicRedistributors = at("gic-redistributors", 0x080a0000, 0x00f60000);
// GICv3 (IHI 0069), 12.10: two frames of 64 KiB for each CPU.
inline constexpr uint64_t kRedistributorSize = 128 * kKiB;
inline constexpr uint32_t kLowRedistributors =
    static_cast<uint32_t>(kGicRedistributors.range.size / kRedistributorSize);
static_assert(kLowRedistributors == 123);

inline constexpr LayoutEntry kSerial = at("serial", 0x09000000, 4 * kKiB);
inline constexpr LayoutEntry kClock = at("clock", 0x09010000, 4 * kKiB);
inline constexpr LayoutEntry kFwCfg = at("fw-cfg", 0x09020000, 24);
inline constexpr LayoutEntry kGpio = at("gpio", 0x09030000, 4 * kKiB);
// These two are where the platform has nothing.
inline constexpr LayoutEntry kPvpanic = at("pvpanic", 0x09100000, 2);
inline constexpr LayoutEntry kDebugExit = at("debug-exit", 0x09110000, 4);

inline constexpr LayoutEntry kPlatformDevices = at("platform-devices", 0x0c000000, 32 * kMiB);
inline constexpr LayoutEntry kPciMemory32 = at("pci-memory-32", 0x10000000, 0x2eff0000);
inline constexpr LayoutEntry kPciPorts = at("pci-ports", 0x3eff0000, 64 * kKiB);
inline constexpr LayoutEntry kLowEcam = at("pci-ecam", 0x3f000000, 16 * kMiB);

inline constexpr GuestAddress kRam{0x40000000};

inline constexpr std::array kLowMemory = {
    kFlash0,
    kFlash1,
    kGicDistributor,
    kGicCpuInterface,
    kGicV2m,
    kGicIts,
    kGicRedistributors,
    kSerial,
    kClock,
    kFwCfg,
    kGpio,
    kPvpanic,
    kDebugExit,
    kPlatformDevices,
    kPciMemory32,
    kPciPorts,
    kLowEcam,
};
static_assert(is_disjoint(kLowMemory));
static_assert(kLowEcam.range.end() == kRam.value);

// A guest with 64 KiB pages maps each of them alone.
constexpr bool has_own_pages(std::span<const LayoutEntry> entries) {
  for (const LayoutEntry& entry : entries) {
    if (entry.range.base.value % (64 * kKiB) != 0) return false;
  }
  return true;
}
static_assert(has_own_pages(kLowMemory));

// Above RAM, where Linux and firmware look for them in the description alone.
inline constexpr uint64_t kHighEcamSize = 256 * kMiB;

// Shared interrupts.
inline constexpr Spi kSerialSpi{1};
inline constexpr Spi kClockSpi{2};
inline constexpr Spi kFirstPciSpi{3};
inline constexpr uint32_t kPciSpiCount = 4;
inline constexpr Spi kGpioSpi{7};
inline constexpr Spi kFirstV2mSpi{48};
inline constexpr uint16_t kV2mSpiCount = 64;
inline constexpr arm64::V2mFrame kV2mFrame{kGicV2m.range, kFirstV2mSpi, kV2mSpiCount};
inline constexpr Spi kFirstPlatformSpi{112};
inline constexpr uint32_t kPlatformSpiCount = 64;
// How many the interrupt controller has: with the 32 private ones a multiple of 32.
inline constexpr uint32_t kSpiCount = 224;
static_assert(kFirstPciSpi.value + kPciSpiCount <= kGpioSpi.value);
static_assert(kFirstV2mSpi.value + kV2mSpiCount <= kFirstPlatformSpi.value);
static_assert(kFirstPlatformSpi.value + kPlatformSpiCount <= kSpiCount);

// Private interrupts (Base System Architecture 1.0, 3.6, table 3).
inline constexpr Ppi kPmuPpi{7};
inline constexpr Ppi kHypervisorTimerPpi{10};
inline constexpr Ppi kVirtualTimerPpi{11};
inline constexpr Ppi kSecureTimerPpi{13};
inline constexpr Ppi kPhysicalTimerPpi{14};

// The GPIO line that the power button pulls.
inline constexpr uint8_t kPowerButtonLine = 3;

// The interrupt for pin A (0) to D (3) of a slot on the root bus.
constexpr Spi pci_spi(unsigned slot, unsigned pin) {
  return Spi(kFirstPciSpi.value + (slot + pin) % kPciSpiCount);
}

}  // namespace lintel::virt
