// SPDX-License-Identifier: Apache-2.0
// Offsets and fields of configuration space. PCI: PCI Local Bus 3.0; bridge: PCI-to-PCI Bridge 1.2;
// PM: PCI Bus Power Management 1.2; PCIe: PCI Express Base 5.0.
#pragma once

#include <cstdint>

namespace lintel::pci::reg {

// Common header, PCI 6.1 and 6.2.
inline constexpr uint16_t kVendorId = 0x00;
inline constexpr uint16_t kDeviceId = 0x02;
inline constexpr uint16_t kCommand = 0x04;
inline constexpr uint16_t kStatus = 0x06;
inline constexpr uint16_t kRevision = 0x08;
inline constexpr uint16_t kCacheLineSize = 0x0c;
inline constexpr uint16_t kHeaderType = 0x0e;
inline constexpr uint16_t kBar0 = 0x10;
inline constexpr uint16_t kCapabilityPointer = 0x34;
inline constexpr uint16_t kInterruptLine = 0x3c;
inline constexpr uint16_t kInterruptPin = 0x3d;

// Type 0 header, PCI 6.2.5 and 6.2.4.
inline constexpr uint16_t kSubsystemVendorId = 0x2c;
inline constexpr uint16_t kSubsystemId = 0x2e;
inline constexpr uint16_t kExpansionRom = 0x30;

// Type 1 header, bridge 3.2.
inline constexpr uint16_t kPrimaryBus = 0x18;
inline constexpr uint16_t kSecondaryBus = 0x19;
inline constexpr uint16_t kSubordinateBus = 0x1a;
inline constexpr uint16_t kIoBase = 0x1c;
inline constexpr uint16_t kIoLimit = 0x1d;
inline constexpr uint16_t kSecondaryStatus = 0x1e;
inline constexpr uint16_t kMemoryBase = 0x20;
inline constexpr uint16_t kMemoryLimit = 0x22;
inline constexpr uint16_t kPrefetchBase = 0x24;
inline constexpr uint16_t kPrefetchLimit = 0x26;
inline constexpr uint16_t kPrefetchBaseUpper = 0x28;
inline constexpr uint16_t kPrefetchLimitUpper = 0x2c;
inline constexpr uint16_t kBridgeControl = 0x3e;

// Command, PCI 6.2.2 and PCIe 7.5.1.1.3.
inline constexpr uint16_t kCommandPorts = 1 << 0;
inline constexpr uint16_t kCommandMemory = 1 << 1;
inline constexpr uint16_t kCommandBusMaster = 1 << 2;
inline constexpr uint16_t kCommandParityResponse = 1 << 6;
inline constexpr uint16_t kCommandSerr = 1 << 8;
inline constexpr uint16_t kCommandIntxDisable = 1 << 10;
inline constexpr uint16_t kCommandWritable = kCommandPorts | kCommandMemory | kCommandBusMaster |
                                             kCommandParityResponse | kCommandSerr |
                                             kCommandIntxDisable;

// Status, PCI 6.2.3 and PCIe 7.5.1.1.4. The error bits (8, 11 to 15) are cleared by writing ones.
inline constexpr uint16_t kStatusInterrupt = 1 << 3;
inline constexpr uint16_t kStatusCapabilities = 1 << 4;
inline constexpr uint16_t kStatusErrors = 0xf900;

inline constexpr uint8_t kHeaderMultiFunction = 0x80;

// Base address registers, PCI 6.2.5.1.
inline constexpr uint32_t kBarPort = 1 << 0;
inline constexpr uint32_t kBarMemory64 = 2 << 1;
inline constexpr uint32_t kBarPrefetchable = 1 << 3;
inline constexpr uint32_t kBarPortFlags = 0x3;
inline constexpr uint32_t kBarMemoryFlags = 0xf;
inline constexpr uint32_t kRomEnable = 1 << 0;
inline constexpr uint32_t kRomFlags = 0x7ff;

// Bridge control, bridge 3.2.5.18.
inline constexpr uint16_t kBridgeControlParity = 1 << 0;
inline constexpr uint16_t kBridgeControlSerr = 1 << 1;
inline constexpr uint16_t kBridgeControlIsa = 1 << 2;
inline constexpr uint16_t kBridgeControlVga = 1 << 3;
inline constexpr uint16_t kBridgeControlVga16 = 1 << 4;
inline constexpr uint16_t kBridgeControlReset = 1 << 6;

// Capability IDs, PCI appendix H and the PCI Code and ID Assignment Specification 1.11, 2.
inline constexpr uint8_t kCapPowerManagement = 0x01;
inline constexpr uint8_t kCapMsi = 0x05;
inline constexpr uint8_t kCapVendor = 0x09;
inline constexpr uint8_t kCapExpress = 0x10;
inline constexpr uint8_t kCapMsix = 0x11;
inline constexpr uint8_t kCapAdvancedFeatures = 0x13;

// Power management capability, PM 3.2, offsets inside it.
inline constexpr uint16_t kPmCapabilities = 2;
inline constexpr uint16_t kPmControl = 4;
inline constexpr uint8_t kPmSize = 8;
inline constexpr uint16_t kPmStateMask = 3;
inline constexpr uint16_t kPmPmeSupport = 0xf800;

// PCI Express capability, PCIe 7.5.3, offsets inside it.
inline constexpr uint16_t kExpressDeviceCapabilities = 4;
inline constexpr uint32_t kExpressFunctionReset = 1 << 28;
inline constexpr uint16_t kExpressDeviceControl = 8;
inline constexpr uint16_t kExpressInitiateReset = 1 << 15;
inline constexpr uint16_t kExpressLinkStatus = 0x12;
inline constexpr uint16_t kExpressLinkActive = 1 << 13;
inline constexpr uint16_t kExpressSlotCapabilities = 0x14;
inline constexpr uint16_t kExpressSlotControl = 0x18;
inline constexpr uint16_t kExpressSlotStatus = 0x1a;

// Extended capabilities, PCIe 7.6.3: the header of each.
inline constexpr uint16_t kExtendedStart = 0x100;
constexpr uint16_t extended_id(uint32_t header) {
  return static_cast<uint16_t>(header);
}
constexpr uint16_t extended_next(uint32_t header) {
  return static_cast<uint16_t>(header >> 20 & 0xffc);
}

// Advanced Features capability (ECN Advanced Capabilities for Conventional PCI), offsets inside it.
inline constexpr uint16_t kAdvancedCapabilities = 3;
inline constexpr uint8_t kAdvancedFunctionReset = 1 << 1;
inline constexpr uint16_t kAdvancedControl = 4;
inline constexpr uint8_t kAdvancedInitiateReset = 1 << 0;

// MSI-X capability, PCI 6.8.2, offsets inside it.
inline constexpr uint16_t kMsixControl = 2;
inline constexpr uint16_t kMsixTable = 4;
inline constexpr uint16_t kMsixPba = 8;
inline constexpr uint8_t kMsixSize = 12;
inline constexpr uint16_t kMsixFunctionMask = 1 << 14;
inline constexpr uint16_t kMsixEnable = 1 << 15;
inline constexpr uint16_t kMsixMaxVectors = 2048;
inline constexpr uint32_t kMsixEntrySize = 16;
inline constexpr uint32_t kMsixEntryMasked = 1 << 0;

// MSI capability, PCI 6.8.1. Registers of the one with 64-bit addresses and per-vector masks; with
// 32-bit addresses there is no upper half, and what follows it is 4 bytes lower.
inline constexpr uint16_t kMsiControl = 2;
inline constexpr uint16_t kMsiAddress = 4;
inline constexpr uint16_t kMsiAddressUpper = 8;
inline constexpr uint16_t kMsiData = 0x0c;
inline constexpr uint16_t kMsiMask = 0x10;
inline constexpr uint16_t kMsiPending = 0x14;
inline constexpr uint8_t kMsiSize = 0x18;
inline constexpr uint16_t kMsiEnable = 1 << 0;
inline constexpr uint16_t kMsiMultipleEnable = 7 << 4;
inline constexpr uint16_t kMsi64Bit = 1 << 7;
inline constexpr uint16_t kMsiPerVectorMask = 1 << 8;

}  // namespace lintel::pci::reg
