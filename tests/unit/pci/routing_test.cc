// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/fakes/capabilities.h"
#include "tests/unit/pci/test_machine.h"
#include "vmm/base/error.h"
#include "vmm/pci/root_port.h"

namespace lintel::pci {
namespace {

struct RoutingTest : testing::Test {
  TestMachine machine;
  RootPort first{machine.root.root_bus(), Devfn(1, 0)};
  RootPort second{machine.root.root_bus(), Devfn(2, 0)};
  TestFunction endpoint{*first.secondary_bus(), Devfn(0, 0)};

  void number(unsigned device, uint8_t secondary, uint8_t subordinate) {
    machine.write(at(0, device), reg::kSecondaryBus, 2, subordinate << 8 | secondary);
  }
  uint64_t vendor(Bdf bdf) { return machine.read(bdf, reg::kVendorId, 2); }
};

TEST_F(RoutingTest, AbsentFunction_readsOnes) {
  EXPECT_EQ(machine.read(at(0, 9), 0, 4), 0xffffffffu);
  EXPECT_EQ(machine.read(at(0, 1, 1), 0x3f, 8), UINT64_MAX);
  machine.write(at(0, 9), 0, 4, 0);
}

TEST_F(RoutingTest, AccessBeyondTheEnd_readsOnesThere) {
  EXPECT_EQ(machine.read(at(0, 1), 0xffe, 4), 0xffff0000u);
  machine.write(at(0, 1), 0xffe, 4, 0);
}

// PCI-to-PCI Bridge 1.2, 3.1.2.1.1: a type 1 request passes a bridge if its bus number is in
// [secondary, subordinate].
TEST_F(RoutingTest, EndpointFollowsTheBusNumberOfItsBridge) {
  EXPECT_EQ(vendor(at(1, 0)), 0xffffu) << "no numbers yet";
  number(1, 1, 1);
  EXPECT_EQ(vendor(at(1, 0)), 0x1af4u);
  EXPECT_EQ(endpoint.bdf(), at(1, 0));
  number(1, 7, 9);
  EXPECT_EQ(vendor(at(1, 0)), 0xffffu);
  EXPECT_EQ(vendor(at(7, 0)), 0x1af4u);
  EXPECT_EQ(vendor(at(8, 0)), 0xffffu) << "forwarded, but nothing has that number";
  EXPECT_EQ(endpoint.bdf(), at(7, 0));
}

TEST_F(RoutingTest, SecondaryAboveSubordinate_forwardsNothing) {
  number(1, 5, 4);
  EXPECT_EQ(vendor(at(5, 0)), 0xffffu);
  EXPECT_EQ(vendor(at(4, 0)), 0xffffu);
}

TEST_F(RoutingTest, TwoBridgesWithOneNumber_theLowerWins) {
  const TestFunction other(*second.secondary_bus(), Devfn(0, 1));
  number(1, 3, 3);
  number(2, 3, 3);
  EXPECT_EQ(vendor(at(3, 0)), 0x1af4u);
  EXPECT_EQ(vendor(at(3, 0, 1)), 0xffffu);
}

TEST_F(RoutingTest, RootPort_isABridgeWithAnExpressCapability) {
  EXPECT_EQ(machine.read(at(0, 1), reg::kHeaderType, 1), 1u);
  EXPECT_EQ(machine.read(at(0, 1), reg::kRevision, 4) >> 8, 0x060400u);
  EXPECT_NE(find_capability(first.config(), reg::kCapExpress), 0);
}

TEST_F(RoutingTest, Windows_keepWhatIsWritten) {
  machine.write(at(0, 1), reg::kMemoryBase, 4, 0xffffffff);
  machine.write(at(0, 1), reg::kPrefetchBase, 4, 0xffffffff);
  machine.write(at(0, 1), reg::kPrefetchBaseUpper, 4, 0x00000012);
  EXPECT_EQ(machine.read(at(0, 1), reg::kMemoryBase, 4), 0xfff0fff0u);
  EXPECT_EQ(machine.read(at(0, 1), reg::kPrefetchBase, 4), 0xfff1fff1u);
  EXPECT_EQ(machine.read(at(0, 1), reg::kPrefetchBaseUpper, 4), 0x12u);
}

TEST_F(RoutingTest, SecondDeviceBehindARootPort_isRefused) {
  EXPECT_THROW(TestFunction(*first.secondary_bus(), Devfn(1, 0)), Error);
}

// PCI-to-PCI Bridge 1.2, 3.2.5.18: secondary bus reset; what is behind is reset, the bridge is not.
TEST_F(RoutingTest, SecondaryBusReset_resetsWhatIsBehindOnce) {
  number(1, 1, 1);
  machine.write(at(1, 0), reg::kCommand, 2, reg::kCommandBusMaster);
  machine.write(at(0, 1), reg::kBridgeControl, 2, reg::kBridgeControlReset);
  machine.write(at(0, 1), reg::kBridgeControl, 2, reg::kBridgeControlReset);
  EXPECT_EQ(endpoint.resets, 1u);
  EXPECT_FALSE(endpoint.bus_master());
  EXPECT_EQ(vendor(at(1, 0)), 0x1af4u) << "the bridge keeps its numbers";
  machine.write(at(0, 1), reg::kBridgeControl, 2, 0);
  machine.write(at(0, 1), reg::kBridgeControl, 2, reg::kBridgeControlReset);
  EXPECT_EQ(endpoint.resets, 2u);
}

TEST_F(RoutingTest, Reset_reachesFunctionsBehindBridges) {
  number(1, 1, 1);
  machine.root.reset();
  EXPECT_EQ(endpoint.resets, 1u);
  EXPECT_EQ(vendor(at(1, 0)), 0xffffu);
  std::vector<std::string> names;
  machine.root.for_each([&](Function& function) { names.emplace_back(function.name()); });
  EXPECT_EQ(names, (std::vector<std::string>{"root-port", "test-function", "root-port"}));
}

}  // namespace
}  // namespace lintel::pci
