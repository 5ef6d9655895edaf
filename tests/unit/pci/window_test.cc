// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/window.h"

#include <gtest/gtest.h>

#include "tests/unit/pci/test_machine.h"
#include "vmm/base/error.h"
#include "vmm/pci/root_port.h"

namespace lintel::pci {
namespace {

constexpr AddressWindows kWindows{.memory32 = TestMachine::kMemory32,
                                  .memory64 = TestMachine::kMemory64,
                                  .ports = TestMachine::kPorts};

struct WindowTest : testing::Test {
  TestMachine machine;
  RecordingDevice device{0x42};
  RootPort port{machine.root.root_bus(), Devfn(1, 0)};
  RootPort empty{machine.root.root_bus(), Devfn(2, 0)};
  TestFunction gpu{*port.secondary_bus(), Devfn(0, 0)};
  TestFunction nic{machine.root.root_bus(), Devfn(3, 0)};

  void add(TestFunction& function, unsigned index, BarKind kind, uint64_t size) {
    function.add_bar({.index = index,
                      .kind = kind,
                      .prefetchable = kind == BarKind::kMemory64,
                      .size = size,
                      .device = &device});
  }
  void add_gpu() {
    add(gpu, 0, BarKind::kMemory32, 16 * kMiB);
    add(gpu, 1, BarKind::kMemory64, 256 * kMiB);
    add(gpu, 3, BarKind::kMemory64, 32 * kMiB);
    add(gpu, 5, BarKind::kPort, 128);
  }
  GuestAddress programmed(TestFunction& function, size_t position) {
    return function.bars().at(position).programmed;
  }
  uint64_t window(uint16_t offset, unsigned size) { return machine.read(at(0, 1), offset, size); }
};

TEST_F(WindowTest, Buses_areNumberedInOrder) {
  assign_resources(machine.root, kWindows);
  EXPECT_EQ(machine.read(at(0, 1), reg::kPrimaryBus, 4) & 0xffffff, 0x010100u);
  EXPECT_EQ(machine.read(at(0, 2), reg::kPrimaryBus, 4) & 0xffffff, 0x020200u);
  EXPECT_EQ(gpu.bdf(), at(1, 0));
}

TEST_F(WindowTest, Bars_getAlignedDisjointPlacesInTheirPools) {
  add_gpu();
  add(nic, 0, BarKind::kMemory32, 0x1000);
  add(nic, 1, BarKind::kMemory64, 0x4000);
  assign_resources(machine.root, kWindows);
  std::vector<GuestRange> ranges;
  for (TestFunction* function : {&gpu, &nic}) {
    for (const auto& bar : function->bars()) {
      const GuestRange range{bar.programmed, bar.spec.size};
      const GuestRange& pool = bar.spec.kind == BarKind::kPort       ? TestMachine::kPorts
                               : bar.spec.kind == BarKind::kMemory64 ? TestMachine::kMemory64
                                                                     : TestMachine::kMemory32;
      EXPECT_TRUE(pool.contains(range.base, range.size)) << range.base.value;
      EXPECT_EQ(range.base.value % range.size, 0u);
      if (bar.spec.kind != BarKind::kPort) {
        for (const GuestRange& other : ranges) EXPECT_FALSE(range.overlaps(other));
        ranges.push_back(range);
      }
      EXPECT_EQ(bar.mapped, std::nullopt) << "decode stays off";
    }
  }
}

// PCI-to-PCI Bridge 1.2, 3.2.5.8: memory base and limit hold address bits 31:20.
TEST_F(WindowTest, BridgeWindows_coverWhatIsBehind) {
  add_gpu();
  assign_resources(machine.root, kWindows);
  const uint64_t base32 = window(reg::kMemoryBase, 2) << 16;
  const uint64_t last32 = window(reg::kMemoryLimit, 2) << 16 | 0xfffff;
  EXPECT_EQ(base32, programmed(gpu, 0).value);
  EXPECT_EQ(last32, base32 + 16 * kMiB - 1);
  const uint64_t base64 =
      window(reg::kPrefetchBaseUpper, 4) << 32 | (window(reg::kPrefetchBase, 2) & 0xfff0) << 16;
  const uint64_t last64 = window(reg::kPrefetchLimitUpper, 4) << 32 |
                          (window(reg::kPrefetchLimit, 2) & 0xfff0) << 16 | 0xfffff;
  EXPECT_EQ(base64, programmed(gpu, 1).value);
  EXPECT_EQ(last64, base64 + 288 * kMiB - 1);
  EXPECT_EQ(window(reg::kIoBase, 1) << 8, programmed(gpu, 3).value);
  EXPECT_EQ(window(reg::kIoLimit, 1), window(reg::kIoBase, 1));
}

TEST_F(WindowTest, EmptyBridge_hasClosedWindows) {
  add_gpu();
  assign_resources(machine.root, kWindows);
  EXPECT_GT(machine.read(at(0, 2), reg::kMemoryBase, 2),
            machine.read(at(0, 2), reg::kMemoryLimit, 2));
  EXPECT_GT(machine.read(at(0, 2), reg::kPrefetchBase, 2),
            machine.read(at(0, 2), reg::kPrefetchLimit, 2));
  EXPECT_GT(machine.read(at(0, 2), reg::kIoBase, 1), machine.read(at(0, 2), reg::kIoLimit, 1));
}

TEST_F(WindowTest, DecodeSwitchedOnAfterwards_mapsAllBars) {
  add_gpu();
  assign_resources(machine.root, kWindows);
  machine.write(at(1, 0), reg::kCommand, 2, reg::kCommandMemory | reg::kCommandPorts);
  EXPECT_EQ(machine.memory.read(programmed(gpu, 1), AccessSize::k4), 0x42u);
  EXPECT_EQ(gpu.events.size(), 4u);
}

// A board that knows what the BARs need may choose another window than it would have without them.
TEST_F(WindowTest, Bars_areDecodedInTheWindowsTheyWerePlacedIn) {
  add_gpu();
  constexpr GuestRange kElsewhere{GuestAddress(0x10000000000), kGiB};
  static_assert(!kElsewhere.overlaps(TestMachine::kMemory64));
  assign_resources(
      machine.root,
      {.memory32 = TestMachine::kMemory32, .memory64 = kElsewhere, .ports = TestMachine::kPorts});
  machine.write(at(1, 0), reg::kCommand, 2, reg::kCommandMemory);
  EXPECT_TRUE(kElsewhere.contains(programmed(gpu, 1), 256 * kMiB));
  EXPECT_EQ(machine.memory.read(programmed(gpu, 1), AccessSize::k4), 0x42u);
  gpu.assign_bar(1, TestMachine::kMemory64.base);
  EXPECT_EQ(machine.memory.read(TestMachine::kMemory64.base, AccessSize::k4), 0xffffffffu);
}

TEST_F(WindowTest, AfterReset_givesTheSamePlaces) {
  add_gpu();
  assign_resources(machine.root, kWindows);
  const GuestAddress before = programmed(gpu, 1);
  machine.root.reset();
  EXPECT_EQ(programmed(gpu, 1), GuestAddress(0));
  assign_resources(machine.root, kWindows);
  EXPECT_EQ(programmed(gpu, 1), before);
}

TEST_F(WindowTest, Without64BitWindow_allGoBelow4GiB) {
  add(nic, 0, BarKind::kMemory64, 0x4000);
  assign_resources(machine.root, {.memory32 = TestMachine::kMemory32, .memory64 = {}, .ports = {}});
  EXPECT_TRUE(TestMachine::kMemory32.contains(programmed(nic, 0), 0x4000));
}

TEST_F(WindowTest, BarThatDoesNotFit_isNamed) {
  add(gpu, 0, BarKind::kMemory32, 512 * kMiB);
  try {
    assign_resources(machine.root, kWindows);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("32-bit memory"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("0x20000000"), std::string::npos);
  }
}

TEST_F(WindowTest, BarThatDoesNotFitWithoutA64BitWindow_isToldWhyThereIsNone) {
  add(gpu, 0, BarKind::kMemory64, 512 * kMiB);
  try {
    assign_resources(machine.root, {.memory32 = TestMachine::kMemory32,
                                    .memory64 = {},
                                    .ports = {},
                                    .no_memory64 = "the IOMMU is narrow"});
    FAIL();
  } catch (const Error& error) {
    const std::string text = error.describe();
    EXPECT_LT(text.find("no 64-bit window for PCI devices: the IOMMU is narrow"),
              text.find("32-bit memory"))
        << text;
  }
}

TEST_F(WindowTest, Demand_isWhatTheWindowMustHold) {
  EXPECT_EQ(memory64_demand(machine.root), 0u);
  add_gpu();
  EXPECT_EQ(memory64_demand(machine.root), 512 * kMiB);
  EXPECT_NO_THROW(assign_resources(
      machine.root, {.memory32 = TestMachine::kMemory32,
                     .memory64 = {GuestAddress(0x800000000), memory64_demand(machine.root)},
                     .ports = TestMachine::kPorts}));
}

}  // namespace
}  // namespace lintel::pci
