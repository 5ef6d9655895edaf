// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/intx.h"

#include <gtest/gtest.h>

#include "tests/unit/pci/test_machine.h"
#include "vmm/pci/root_port.h"

namespace lintel::pci {
namespace {

constexpr Bdf kBdf = at(0, 1);

TEST(Swizzle, RotatesByDevice) {
  // PCI-to-PCI Bridge 1.2, table 9-1.
  EXPECT_EQ(swizzle(0, Pin::kA), Pin::kA);
  EXPECT_EQ(swizzle(1, Pin::kA), Pin::kB);
  EXPECT_EQ(swizzle(3, Pin::kB), Pin::kA);
  EXPECT_EQ(swizzle(31, Pin::kD), Pin::kC);
}

TEST(Intx, InterruptLineAndPin_areThereForTheGuest) {
  TestMachine machine;
  const TestFunction function(machine.root.root_bus(), Devfn(1, 0), Pin::kA);
  EXPECT_EQ(machine.read(kBdf, reg::kInterruptPin, 1), 1u);
  EXPECT_EQ(machine.read(kBdf, reg::kInterruptLine, 1), 17u);
  const TestFunction without(machine.root.root_bus(), Devfn(2, 0));
  EXPECT_EQ(machine.read(at(0, 2), reg::kInterruptPin, 1), 0u);
}

// PCI Express Base 5.0, 7.5.1.1.3 and 7.5.1.1.4.
TEST(Intx, InterruptDisable_dropsTheLineAndKeepsTheStatus) {
  TestMachine machine;
  TestFunction function(machine.root.root_bus(), Devfn(1, 0), Pin::kA);
  function.set_intx(true);
  EXPECT_TRUE(machine.lines[1].level());
  EXPECT_EQ(machine.read(kBdf, reg::kStatus, 2) & reg::kStatusInterrupt, reg::kStatusInterrupt);
  machine.write(kBdf, reg::kCommand, 2, reg::kCommandIntxDisable);
  EXPECT_FALSE(machine.lines[1].level());
  EXPECT_EQ(machine.read(kBdf, reg::kStatus, 2) & reg::kStatusInterrupt, reg::kStatusInterrupt);
  machine.write(kBdf, reg::kCommand, 2, 0);
  EXPECT_TRUE(machine.lines[1].level());
  function.set_intx(false);
  EXPECT_FALSE(machine.lines[1].level());
  EXPECT_EQ(machine.read(kBdf, reg::kStatus, 2) & reg::kStatusInterrupt, 0u);
}

TEST(Intx, LineSharedByTwo_isHighWhileEitherAsserts) {
  TestMachine machine;
  TestFunction first(machine.root.root_bus(), Devfn(1, 0), Pin::kA);
  TestFunction second(machine.root.root_bus(), Devfn(5, 0), Pin::kA);
  first.set_intx(true);
  second.set_intx(true);
  first.set_intx(true);
  first.set_intx(false);
  EXPECT_TRUE(machine.lines[1].level());
  second.set_intx(false);
  EXPECT_FALSE(machine.lines[1].level());
}

TEST(Intx, PinBehindARootPort_isSwizzledByThePort) {
  TestMachine machine;
  RootPort port(machine.root.root_bus(), Devfn(2, 0));
  TestFunction function(*port.secondary_bus(), Devfn(0, 0), Pin::kB);
  function.set_intx(true);
  // Pin B of device 0 arrives as pin B at the port, device 2.
  EXPECT_TRUE(machine.lines[3].level());
}

TEST(Intx, RootPort_doesNotShareWithTheDeviceBehindIt) {
  TestMachine machine;
  RootPort port(machine.root.root_bus(), Devfn(2, 0));
  TestFunction function(*port.secondary_bus(), Devfn(0, 0), Pin::kA);
  port.set_intx(true);
  EXPECT_TRUE(machine.lines[1].level());
  EXPECT_FALSE(machine.lines[2].level());
  port.set_intx(false);
  function.set_intx(true);
  EXPECT_FALSE(machine.lines[1].level());
  EXPECT_TRUE(machine.lines[2].level());
}

TEST(Intx, Reset_dropsTheLine) {
  TestMachine machine;
  TestFunction function(machine.root.root_bus(), Devfn(1, 0), Pin::kA);
  function.set_intx(true);
  machine.root.reset();
  EXPECT_FALSE(machine.lines[1].level());
}

TEST(Intx, DestroyedWhileAsserting_dropsTheLine) {
  TestMachine machine;
  {
    TestFunction function(machine.root.root_bus(), Devfn(1, 0), Pin::kA);
    function.set_intx(true);
  }
  EXPECT_FALSE(machine.lines[1].level());
}

}  // namespace
}  // namespace lintel::pci
