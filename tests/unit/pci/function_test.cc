// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/function.h"

#include <gtest/gtest.h>

#include "tests/unit/pci/test_machine.h"
#include "vmm/base/error.h"

namespace lintel::pci {
namespace {

constexpr Bdf kBdf = at(0, 3);
constexpr uint16_t kBar0 = reg::kBar0;

using Events = std::vector<std::string>;

struct FunctionTest : testing::Test {
  TestMachine machine;
  RecordingDevice device{0x1234};
  TestFunction function{machine.root.root_bus(), Devfn(3, 0)};

  void decode(uint16_t bits) { machine.write(kBdf, reg::kCommand, 2, bits); }
  void add_memory32(unsigned index = 0, uint64_t size = 0x1000) {
    function.add_bar({.index = index, .kind = BarKind::kMemory32, .size = size, .device = &device});
  }
  void add_memory64(uint64_t size = 0x4000) {
    function.add_bar({.index = 0,
                      .kind = BarKind::kMemory64,
                      .prefetchable = true,
                      .size = size,
                      .device = &device});
  }
};

TEST_F(FunctionTest, Header_holdsTheIdentity) {
  EXPECT_EQ(machine.read(kBdf, reg::kVendorId, 4), 0x10411af4u);
  EXPECT_EQ(machine.read(kBdf, reg::kRevision, 4), 0x02000000u);
  EXPECT_EQ(machine.read(kBdf, reg::kSubsystemVendorId, 4), 0x11001af4u);
  EXPECT_EQ(machine.read(kBdf, reg::kHeaderType, 1), 0u);
  machine.write(kBdf, reg::kVendorId, 4, 0);
  EXPECT_EQ(machine.read(kBdf, reg::kVendorId, 4), 0x10411af4u);
}

TEST_F(FunctionTest, PlaceTaken_isRefused) {
  EXPECT_THROW(TestFunction(machine.root.root_bus(), Devfn(3, 0)), Error);
  EXPECT_EQ(machine.read(kBdf, reg::kVendorId, 2), 0x1af4u);
}

TEST_F(FunctionTest, SecondFunction_setsTheMultiFunctionBitOfTheFirst) {
  const TestFunction second(machine.root.root_bus(), Devfn(3, 1));
  EXPECT_EQ(machine.read(kBdf, reg::kHeaderType, 1), reg::kHeaderMultiFunction);
  EXPECT_EQ(machine.read(at(0, 3, 1), reg::kHeaderType, 1), 0u);
  machine.root.reset();
  EXPECT_EQ(machine.read(kBdf, reg::kHeaderType, 1), reg::kHeaderMultiFunction);
}

TEST_F(FunctionTest, Command_reservedBits_stayZero) {
  decode(0xffff);
  EXPECT_EQ(machine.read(kBdf, reg::kCommand, 2), reg::kCommandWritable);
  EXPECT_TRUE(function.bus_master());
}

// PCI Local Bus 3.0, 6.2.5.1: "write a value of all 1's to the register and then read the value
// back"; the address bits below the size read zero.
TEST_F(FunctionTest, Sizing_readsTheSizeMask) {
  add_memory32(0, 0x1000);
  function.add_bar({.index = 1, .kind = BarKind::kPort, .size = 0x20, .device = &device});
  function.add_bar({.index = 2,
                    .kind = BarKind::kMemory64,
                    .prefetchable = true,
                    .size = 0x200000000,
                    .device = &device});
  for (unsigned i = 0; i < kMaxBars; ++i) machine.write(kBdf, kBar0 + 4 * i, 4, UINT32_MAX);
  machine.write(kBdf, reg::kExpansionRom, 4, 0xfffff800);
  EXPECT_EQ(machine.read(kBdf, kBar0, 4), 0xfffff000u);
  EXPECT_EQ(machine.read(kBdf, kBar0 + 4, 4), 0x0000ffe1u);
  EXPECT_EQ(machine.read(kBdf, kBar0 + 8, 4), 0x0000000cu);
  EXPECT_EQ(machine.read(kBdf, kBar0 + 12, 4), 0xfffffffeu);
  EXPECT_EQ(machine.read(kBdf, kBar0 + 16, 4), 0u);
  EXPECT_EQ(machine.read(kBdf, reg::kExpansionRom, 4), 0u);
}

TEST_F(FunctionTest, Bar_isDecodedOnlyWhileTheCommandRegisterSays) {
  add_memory32();
  machine.write(kBdf, kBar0, 4, 0xc0010000);
  EXPECT_EQ(machine.memory.read(GuestAddress(0xc0010008), AccessSize::k4), 0xffffffffu);
  decode(reg::kCommandPorts);
  EXPECT_EQ(machine.memory.read(GuestAddress(0xc0010008), AccessSize::k4), 0xffffffffu);
  decode(reg::kCommandMemory);
  EXPECT_EQ(machine.memory.read(GuestAddress(0xc0010008), AccessSize::k4), 0x1234u);
  EXPECT_EQ(device.last_offset, 8u);
  decode(0);
  EXPECT_EQ(machine.memory.read(GuestAddress(0xc0010008), AccessSize::k4), 0xffffffffu);
  EXPECT_EQ(function.events, (Events{"map 0 0xc0010000", "unmap 0 0xc0010000"}));
}

TEST_F(FunctionTest, PortBar_isOnThePortBus) {
  function.add_bar({.index = 0, .kind = BarKind::kPort, .size = 0x20, .device = &device});
  machine.write(kBdf, kBar0, 4, 0xc021);
  decode(reg::kCommandPorts);
  EXPECT_EQ(machine.ports.read(GuestAddress(0xc024), AccessSize::k2), 0x1234u);
  EXPECT_EQ(device.last_offset, 4u);
}

TEST_F(FunctionTest, BarWrittenUnderDecode_movesAtOnce) {
  add_memory32();
  machine.write(kBdf, kBar0, 4, 0xc0010000);
  decode(reg::kCommandMemory);
  machine.write(kBdf, kBar0, 4, 0xc0020000);
  EXPECT_EQ(machine.memory.read(GuestAddress(0xc0010000), AccessSize::k4), 0xffffffffu);
  EXPECT_EQ(machine.memory.read(GuestAddress(0xc0020000), AccessSize::k4), 0x1234u);
  EXPECT_EQ(function.events,
            (Events{"map 0 0xc0010000", "unmap 0 0xc0010000", "map 0 0xc0020000"}));
}

TEST_F(FunctionTest, Sizing_underDecode_neitherUnmapsNorMaps) {
  add_memory64();
  function.assign_bar(0, GuestAddress(0x8ffffc000));
  decode(reg::kCommandMemory);
  for (const uint16_t half : {kBar0, static_cast<uint16_t>(kBar0 + 4)}) {
    const uint64_t old = machine.read(kBdf, half, 4);
    machine.write(kBdf, half, 4, UINT32_MAX);
    EXPECT_EQ(machine.memory.read(GuestAddress(0x8ffffc000), AccessSize::k4), 0x1234u);
    machine.write(kBdf, half, 4, old);
  }
  EXPECT_EQ(function.events, (Events{"map 0 0x8ffffc000"}));
}

TEST_F(FunctionTest, SizingBothHalvesTogether_underDecode_keepsThePlace) {
  add_memory64();
  function.assign_bar(0, GuestAddress(0x900000000));
  decode(reg::kCommandMemory);
  machine.write(kBdf, kBar0, 8, UINT64_MAX);
  EXPECT_EQ(machine.read(kBdf, kBar0, 8), 0xffffffffffffc00cu);
  machine.write(kBdf, kBar0, 4, 0);
  machine.write(kBdf, kBar0 + 4, 4, 9);
  EXPECT_EQ(function.events, (Events{"map 0 0x900000000"}));
}

TEST_F(FunctionTest, DecodeEnabledWhileSizing_mapsNothing) {
  add_memory32(0, 0x1000);
  machine.write(kBdf, kBar0, 4, UINT32_MAX);
  decode(reg::kCommandMemory);
  EXPECT_TRUE(function.events.empty());
  machine.write(kBdf, kBar0, 4, 0xc0000000);
  EXPECT_EQ(function.events, (Events{"map 0 0xc0000000"}));
}

TEST_F(FunctionTest, Bar64_whoseHighHalfMoves_followsIt) {
  add_memory64();
  function.assign_bar(0, GuestAddress(0x8c0000000));
  decode(reg::kCommandMemory);
  machine.write(kBdf, kBar0 + 4, 4, 9);
  EXPECT_EQ(machine.memory.read(GuestAddress(0x9c0000000), AccessSize::k4), 0x1234u);
  EXPECT_EQ(machine.memory.read(GuestAddress(0x8c0000000), AccessSize::k4), 0xffffffffu);
}

// An address whose bits in the low register are all ones is an address, not a size probe.
TEST_F(FunctionTest, Bar64_atTheTopOfALowHalf_isMapped) {
  add_memory64(0x80000000);
  function.assign_bar(0, GuestAddress(0x880000000));
  decode(reg::kCommandMemory);
  EXPECT_EQ(function.events, (Events{"map 0 0x880000000"}));
}

TEST_F(FunctionTest, BarOutsideTheWindows_isNotMapped) {
  add_memory32();
  decode(reg::kCommandMemory);
  for (const uint32_t address : {0x0u, 0xfee00000u, 0xbffff000u, 0xd0000000u}) {
    machine.write(kBdf, kBar0, 4, address);
  }
  EXPECT_TRUE(function.events.empty());
  machine.write(kBdf, kBar0, 4, 0xcffff000);
  EXPECT_EQ(function.events, (Events{"map 0 0xcffff000"}));
}

TEST_F(FunctionTest, BarOntoAnotherDevice_waitsUntilThePlaceIsFree) {
  add_memory32();
  RecordingDevice other_device{0x5678};
  TestFunction other(machine.root.root_bus(), Devfn(4, 0));
  other.add_bar({.index = 0, .kind = BarKind::kMemory32, .size = 0x1000, .device = &other_device});
  machine.write(at(0, 4), kBar0, 4, 0xc0010000);
  machine.write(at(0, 4), reg::kCommand, 2, reg::kCommandMemory);

  machine.write(kBdf, kBar0, 4, 0xc0010000);
  decode(reg::kCommandMemory);
  EXPECT_EQ(machine.memory.read(GuestAddress(0xc0010000), AccessSize::k4), 0x5678u);

  machine.write(at(0, 4), kBar0, 4, 0xc0030000);
  EXPECT_EQ(machine.memory.read(GuestAddress(0xc0010000), AccessSize::k4), 0x1234u);
  EXPECT_EQ(machine.memory.read(GuestAddress(0xc0030000), AccessSize::k4), 0x5678u);
}

TEST_F(FunctionTest, Bars_tellProgrammedAndMapped) {
  add_memory64();
  function.assign_bar(0, GuestAddress(0x900000000));
  ASSERT_EQ(function.bars().size(), 1u);
  EXPECT_EQ(function.bars()[0].programmed, GuestAddress(0x900000000));
  EXPECT_EQ(function.bars()[0].mapped, std::nullopt);
  decode(reg::kCommandMemory);
  EXPECT_EQ(function.bars()[0].mapped, GuestAddress(0x900000000));
}

TEST_F(FunctionTest, AddBar_thatMakesNoSense_isRefused) {
  const auto add = [&](unsigned index, BarKind kind, uint64_t size) {
    function.add_bar({.index = index, .kind = kind, .size = size, .device = &device});
  };
  EXPECT_THROW(add(0, BarKind::kMemory32, 0x1800), Error);
  EXPECT_THROW(add(0, BarKind::kMemory32, 8), Error);
  EXPECT_THROW(add(0, BarKind::kMemory32, 1ull << 32), Error);
  EXPECT_THROW(add(5, BarKind::kMemory64, 0x1000), Error);
  EXPECT_THROW(add(6, BarKind::kMemory32, 0x1000), Error);
  add(0, BarKind::kMemory64, 0x1000);
  EXPECT_THROW(add(1, BarKind::kMemory32, 0x1000), Error);
  add(2, BarKind::kMemory32, 0x1000);
  EXPECT_THROW(add(2, BarKind::kPort, 0x10), Error);
}

TEST_F(FunctionTest, Reset_unmapsAndRestoresRegisters) {
  add_memory32();
  machine.write(kBdf, kBar0, 4, 0xc0010000);
  decode(reg::kCommandMemory | reg::kCommandBusMaster);
  machine.root.reset();
  EXPECT_EQ(machine.memory.read(GuestAddress(0xc0010000), AccessSize::k4), 0xffffffffu);
  EXPECT_EQ(machine.read(kBdf, kBar0, 4), 0u);
  EXPECT_EQ(machine.read(kBdf, reg::kCommand, 2), 0u);
  EXPECT_FALSE(function.bus_master());
  EXPECT_EQ(function.resets, 1u);
}

TEST_F(FunctionTest, Destroyed_leavesTheBusAndThePlace) {
  {
    TestFunction other(machine.root.root_bus(), Devfn(4, 0));
    other.add_bar({.index = 0, .kind = BarKind::kMemory32, .size = 0x1000, .device = &device});
    machine.write(at(0, 4), kBar0, 4, 0xc0010000);
    machine.write(at(0, 4), reg::kCommand, 2, reg::kCommandMemory);
  }
  EXPECT_EQ(machine.memory.read(GuestAddress(0xc0010000), AccessSize::k4), 0xffffffffu);
  EXPECT_EQ(machine.read(at(0, 4), reg::kVendorId, 4), 0xffffffffu);
}

TEST_F(FunctionTest, Watch_seesWritesThatTouchItsRange) {
  unsigned calls = 0;
  function.watch(0x42, 2, [&] { ++calls; });
  machine.write(kBdf, 0x40, 2, 0);
  machine.write(kBdf, 0x44, 4, 0);
  EXPECT_EQ(calls, 0u);
  machine.write(kBdf, 0x40, 4, 0);
  machine.write(kBdf, 0x43, 1, 0);
  EXPECT_EQ(calls, 2u);
}

TEST_F(FunctionTest, StraddlingAccess_reachesBothRegisters) {
  add_memory32(0);
  add_memory32(1);
  machine.write(kBdf, kBar0 + 2, 4, 0xe000c001);
  EXPECT_EQ(machine.read(kBdf, kBar0, 4), 0xc0010000u);
  EXPECT_EQ(machine.read(kBdf, kBar0 + 4, 4), 0x0000e000u);
  EXPECT_EQ(machine.read(kBdf, kBar0 + 2, 4), 0xe000c001u);
}

}  // namespace
}  // namespace lintel::pci
