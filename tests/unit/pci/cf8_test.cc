// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/cf8.h"

#include <gtest/gtest.h>

#include "tests/unit/pci/test_machine.h"

namespace lintel::pci {
namespace {

constexpr GuestAddress kAddress{0xcf8};
constexpr GuestAddress kData{0xcfc};

struct Cf8Test : testing::Test {
  TestMachine machine;
  TestFunction function{machine.root.root_bus(), Devfn(3, 0)};
  RecordingDevice reset{0x02};
  Cf8 cf8{machine.root, {.reset_control = &reset}};

  Cf8Test() { machine.ports.add({kAddress, 8}, cf8); }
  void select(uint32_t address) { machine.ports.write(kAddress, AccessSize::k4, address); }
};

// PCI Local Bus 3.0, 3.2.2.3.2.
TEST_F(Cf8Test, SelectedRegister_isReadInAnyWidth) {
  select(0x80001800);
  EXPECT_EQ(machine.ports.read(kAddress, AccessSize::k4), 0x80001800u);
  EXPECT_EQ(machine.ports.read(kData, AccessSize::k4), 0x10411af4u);
  EXPECT_EQ(machine.ports.read(kData + 2, AccessSize::k2), 0x1041u);
  EXPECT_EQ(machine.ports.read(kData + 1, AccessSize::k1), 0x1au);
}

TEST_F(Cf8Test, Write_reachesTheSelectedBytes) {
  select(0x8000183c);
  machine.ports.write(kData, AccessSize::k1, 0x77);
  EXPECT_EQ(function.config().read8(reg::kInterruptLine), 0x77);
  EXPECT_EQ(machine.ports.read(kData, AccessSize::k2), 0x0077u);
}

TEST_F(Cf8Test, WithoutTheEnableBit_dataIsNothing) {
  select(0x00001800);
  EXPECT_EQ(machine.ports.read(kData, AccessSize::k4), 0xffffffffu);
  select(0x0000183c);
  machine.ports.write(kData, AccessSize::k1, 0x77);
  EXPECT_EQ(function.config().read8(reg::kInterruptLine), 0);
}

TEST_F(Cf8Test, NarrowAccessToTheAddress_doesNotChangeIt) {
  select(0x80001800);
  machine.ports.write(kAddress, AccessSize::k2, 0);
  machine.ports.write(kAddress + 3, AccessSize::k1, 1);
  EXPECT_EQ(machine.ports.read(kAddress, AccessSize::k4), 0x80001800u);
  EXPECT_EQ(machine.ports.read(kAddress, AccessSize::k1), 0xffu);
}

TEST_F(Cf8Test, ByteAt0xcf9_isTheResetControl) {
  EXPECT_EQ(machine.ports.read(GuestAddress(0xcf9), AccessSize::k1), 0x02u);
  machine.ports.write(GuestAddress(0xcf9), AccessSize::k1, 0x06);
  EXPECT_EQ(reset.value, 0x06u);
  EXPECT_EQ(reset.last_offset, 0u);
  machine.ports.write(GuestAddress(0xcf9), AccessSize::k2, 0x0e0e);
  EXPECT_EQ(reset.writes, 1u);
}

TEST_F(Cf8Test, Reset_forgetsTheAddress) {
  select(0x80001800);
  cf8.reset();
  EXPECT_EQ(machine.ports.read(kAddress, AccessSize::k4), 0u);
}

TEST(Cf8, WithoutTheMechanism_onlyTheResetControlIsThere) {
  TestMachine machine;
  const TestFunction function(machine.root.root_bus(), Devfn(3, 0));
  RecordingDevice reset;
  Cf8 cf8(machine.root, {.mechanism = false, .reset_control = &reset});
  machine.ports.add({kAddress, 8}, cf8);
  machine.ports.write(kAddress, AccessSize::k4, 0x80001800);
  EXPECT_EQ(machine.ports.read(kAddress, AccessSize::k4), 0xffffffffu);
  EXPECT_EQ(machine.ports.read(kData, AccessSize::k4), 0xffffffffu);
  machine.ports.write(GuestAddress(0xcf9), AccessSize::k1, 0x06);
  EXPECT_EQ(reset.value, 0x06u);
}

}  // namespace
}  // namespace lintel::pci
