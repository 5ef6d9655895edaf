// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/host_bridge.h"

#include <gtest/gtest.h>

#include "tests/unit/pci/test_machine.h"
#include "vmm/base/error.h"

namespace lintel::pci {
namespace {

constexpr Bdf kBdf = at(0, 0);
constexpr GuestRange kEcam{GuestAddress(0xb0000000), 256 * kMiB};

// Intel 3 Series datasheet, 5.1: PCIEXBAR holds the base, the length code and the enable bit.
TEST(HostBridge, PciExpressBar_tellsWhereEcamIs) {
  TestMachine machine;
  const HostBridge bridge(machine.root.root_bus(), {.ecam = kEcam});
  EXPECT_EQ(machine.read(kBdf, 0, 4), 0x29c08086u);
  EXPECT_EQ(machine.read(kBdf, reg::kSubsystemVendorId, 4), 0x11001af4u);
  EXPECT_EQ(machine.read(kBdf, 0x60, 8), 0xb0000001u);
  machine.write(kBdf, 0x60, 8, 0);
  EXPECT_EQ(machine.read(kBdf, 0x60, 8), 0xb0000001u);
}

TEST(HostBridge, ProgrammableAttributes_areStorage) {
  TestMachine machine;
  const HostBridge bridge(machine.root.root_bus(), {.ecam = kEcam});
  machine.write(kBdf, 0x90, 8, UINT64_MAX);
  EXPECT_EQ(machine.read(kBdf, 0x90, 8), 0x0033333333333330u);
  machine.root.reset();
  EXPECT_EQ(machine.read(kBdf, 0x90, 8), 0u);
  EXPECT_EQ(machine.read(kBdf, 0x9d, 1), 2u);
}

TEST(HostBridge, WithoutPcRegisters_hasAnyEcamWindow) {
  TestMachine machine;
  const HostBridge bridge(machine.root.root_bus(),
                          {.ids = {.vendor = 0x1b36, .device = 8, .class_code = 0x060000},
                           .ecam = {GuestAddress(0x4010000000), kMiB},
                           .pc_registers = false});
  EXPECT_EQ(machine.read(kBdf, 0x60, 8), 0u);
  TestMachine other;
  EXPECT_THROW(HostBridge(other.root.root_bus(), {.ecam = {GuestAddress(0), kMiB}}), Error);
}

}  // namespace
}  // namespace lintel::pci
