// SPDX-License-Identifier: Apache-2.0
// Where everything is on the x86_64 board. The shape is that of a Q35 machine (Intel 3 Series
// Express Chipset Family datasheet, ICH9 datasheet), so that distribution firmware finds what it
// expects; the bus wiring and the ACPI tables both read this file.
#pragma once

#include <array>
#include <cstdint>

#include "vmm/base/types.h"
#include "vmm/memory/layout.h"

namespace lintel::pc {

constexpr LayoutEntry port(std::string_view name, uint64_t base, uint64_t size) {
  return {name, {GuestAddress(base), size}};
}

// Ports.
inline constexpr LayoutEntry kCmos = port("cmos", 0x70, 2);
inline constexpr LayoutEntry kDebugExit = port("debug-exit", 0xf4, 4);
inline constexpr LayoutEntry kCom1 = port("com1", 0x3f8, 8);
// Where PCs have their other serial ports: nothing is there.
inline constexpr LayoutEntry kCom2 = port("com2", 0x2f8, 8);
inline constexpr LayoutEntry kCom3 = port("com3", 0x3e8, 8);
inline constexpr LayoutEntry kCom4 = port("com4", 0x2e8, 8);
inline constexpr LayoutEntry kDebugConsole = port("debug-console", 0x402, 1);
inline constexpr LayoutEntry kPvpanic = port("pvpanic", 0x505, 1);
inline constexpr LayoutEntry kFwCfg = port("fw-cfg", 0x510, 12);
inline constexpr LayoutEntry kPmEvent = port("acpi-pm1a-event", 0x600, 4);
inline constexpr LayoutEntry kPmControl = port("acpi-pm1a-control", 0x604, 2);
inline constexpr LayoutEntry kPmTimer = port("acpi-pm-timer", 0x608, 4);
// PCI configuration mechanism #1, with the reset control register in its second byte.
inline constexpr LayoutEntry kPciConfigPorts = port("pci-config-ports", 0xcf8, 8);
inline constexpr uint16_t kResetPort = 0xcf9;
inline constexpr uint8_t kResetValue = 0x06;

inline constexpr std::array kPorts = {kCmos,    kDebugExit,     kCom1,    kDebugConsole,
                                      kPvpanic, kFwCfg,         kPmEvent, kPmControl,
                                      kPmTimer, kPciConfigPorts};
static_assert(is_disjoint(kPorts));

// Memory below 4 GiB that is not RAM.
inline constexpr uint64_t kLowRamLimit = 2 * kGiB;
inline constexpr LayoutEntry kEcam = {"pci-ecam", {GuestAddress(0xb0000000), 256 * kMiB}};
inline constexpr LayoutEntry kPciMemory32 = {"pci-memory-32",
                                             {GuestAddress(0xc0000000), 960 * kMiB}};
inline constexpr LayoutEntry kIoApic = {"io-apic", {GuestAddress(0xfec00000), 4 * kKiB}};
inline constexpr LayoutEntry kLocalApic = {"local-apic", {GuestAddress(0xfee00000), kMiB}};
// Three pages of task state segment and one identity page, which KVM on Intel CPUs needs for real
// mode (KVM API, KVM_SET_TSS_ADDR and KVM_SET_IDENTITY_MAP_ADDR).
inline constexpr LayoutEntry kKvmIdentityMap = {"kvm-identity-map",
                                                {GuestAddress(0xfeffc000), 4 * kKiB}};
inline constexpr LayoutEntry kKvmTss = {"kvm-tss", {GuestAddress(0xfeffd000), 12 * kKiB}};
inline constexpr LayoutEntry kFlash = {"flash", {GuestAddress(0xff000000), 16 * kMiB}};

inline constexpr std::array kLowMemory = {
    LayoutEntry{"low-ram", {GuestAddress(0), kLowRamLimit}},
    kEcam,
    kPciMemory32,
    kIoApic,
    kLocalApic,
    kKvmIdentityMap,
    kKvmTss,
    kFlash,
};
static_assert(is_disjoint(kLowMemory));

inline constexpr GuestAddress kHighRam{4 * kGiB};

// Inside low RAM: what the first megabyte holds when Linux is entered directly.
inline constexpr GuestAddress kBootGdt{0x1000};
inline constexpr GuestAddress kBootParams{0x7000};
inline constexpr GuestAddress kBootPageTables{0x9000};
inline constexpr GuestRange kBootCommandLine{GuestAddress(0x20000), 64 * kKiB};
inline constexpr GuestAddress kFlatImage{kMiB};
inline constexpr GuestAddress kEndOfBaseMemory{0x9fc00};
// The BIOS area, where an operating system looks for the RSDP (ACPI 6.4, 5.2.5.1).
inline constexpr GuestRange kAcpiTables{GuestAddress(0xe0000), 128 * kKiB};

// Ports that PCI I/O BARs may use.
inline constexpr GuestRange kPciPorts{GuestAddress(0xc000), 0x4000};

// Interrupts. ISA interrupts keep their numbers; PCI pins take the inputs above them, swizzled by
// slot (PCI-to-PCI Bridge 1.2, 9.1).
inline constexpr Gsi kCom1Gsi{4};
inline constexpr Gsi kCmosGsi{8};
inline constexpr Gsi kSciGsi{9};
inline constexpr Gsi kFirstPciGsi{16};
inline constexpr uint32_t kPciGsiCount = 4;
inline constexpr uint8_t kIoApicId = 0;

// The input for pin A (0) to D (3) of a slot on the root bus.
constexpr Gsi pci_gsi(unsigned slot, unsigned pin) {
  return Gsi(kFirstPciGsi.value + (slot + pin) % kPciGsiCount);
}

}  // namespace lintel::pc
