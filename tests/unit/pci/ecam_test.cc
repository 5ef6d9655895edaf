// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/ecam.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/fakes/page_sizes.h"
#include "tests/unit/pci/test_machine.h"
#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/pci/root_port.h"

namespace lintel::pci {
namespace {

constexpr GuestRange kWindow{GuestAddress(0xb0000000), 256 * kMiB};

// The guest's reads that cost no exit.
class FakeSlots final : public MemoryObserver {
 public:
  void added(const MappedMemory& memory) override {
    if (refuse) throw Error("No slot left");
    EXPECT_EQ(memory.kind, MemoryKind::kReadOnly);
    slots.push_back(memory);
  }
  void removed(const MappedMemory& memory) override {
    std::erase_if(slots, [&](const MappedMemory& slot) { return slot.range == memory.range; });
  }
  std::optional<uint32_t> read32(GuestAddress address) const {
    for (const MappedMemory& slot : slots) {
      if (slot.range.contains(address, 4)) {
        return load_le<uint32_t>(slot.host + (address.value - slot.range.base.value));
      }
    }
    return std::nullopt;
  }
  std::vector<MappedMemory> slots;
  bool refuse = false;
};

constexpr GuestAddress address_of(Bdf bdf, uint64_t offset) {
  return kWindow.base + (static_cast<uint64_t>(bdf.value()) << 12 | offset);
}

struct EcamTest : testing::Test {
  explicit EcamTest(size_t page_size = host_page_size()) : map(page_size), machine(page_size) {
    map.subscribe(slots);
  }
  ~EcamTest() override { map.unsubscribe(slots); }

  MemoryMap map;
  FakeSlots slots;
  TestMachine machine;
  RootPort port{machine.root.root_bus(), Devfn(1, 0)};
  TestFunction endpoint{*port.secondary_bus(), Devfn(0, 0)};
  TestFunction trapped{machine.root.root_bus(), Devfn(4, 0), Pin::kNone, false};

  void number(uint8_t secondary) {
    machine.memory.write(address_of(at(0, 1), reg::kSecondaryBus), AccessSize::k2,
                         secondary << 8 | secondary);
  }
};

TEST_F(EcamTest, Access_reachesTheFunctionOfTheAddress) {
  const Ecam ecam(machine.root, kWindow, machine.memory, nullptr);
  EXPECT_EQ(machine.memory.read(address_of(at(0, 4), 0), AccessSize::k4), 0x10411af4u);
  EXPECT_EQ(machine.memory.read(address_of(at(0, 4), 2), AccessSize::k1), 0x41u);
  machine.memory.write(address_of(at(0, 4), reg::kInterruptLine), AccessSize::k1, 0x5a);
  EXPECT_EQ(trapped.config().read8(reg::kInterruptLine), 0x5a);
  EXPECT_EQ(machine.memory.read(address_of(at(200, 4), 0), AccessSize::k8), UINT64_MAX);
}

TEST_F(EcamTest, RootBus_isReadFromMemory) {
  const Ecam ecam(machine.root, kWindow, machine.memory, &map);
  EXPECT_EQ(slots.read32(address_of(at(0, 1), 0)), 0x000c1b36u);
  machine.memory.write(address_of(at(0, 1), reg::kCommand), AccessSize::k2, 4);
  EXPECT_EQ(slots.read32(address_of(at(0, 1), reg::kCommand)).value_or(0) & 0xffff, 4u);
}

TEST_F(EcamTest, PlaceWithoutAFunction_isAHoleThatReadsOnes) {
  const Ecam ecam(machine.root, kWindow, machine.memory, &map);
  for (const Bdf place : {at(0, 2), at(0, 31, 7)}) {
    EXPECT_EQ(slots.read32(address_of(place, 0)), std::nullopt);
    EXPECT_EQ(machine.memory.read(address_of(place, 0), AccessSize::k4), 0xffffffffu);
  }
}

TEST_F(EcamTest, BusBehindAPort_followsItsNumber) {
  const Ecam ecam(machine.root, kWindow, machine.memory, &map);
  EXPECT_EQ(slots.read32(address_of(at(1, 0), 0)), std::nullopt);
  number(1);
  EXPECT_EQ(slots.read32(address_of(at(1, 0), 0)), 0x10411af4u);
  EXPECT_EQ(slots.read32(address_of(at(1, 0, 1), 0)), std::nullopt);
  number(0xff);
  EXPECT_EQ(slots.read32(address_of(at(1, 0), 0)), std::nullopt);
  EXPECT_EQ(slots.read32(address_of(at(0xff, 0), 0)), 0x10411af4u);
  machine.root.reset();
  EXPECT_EQ(slots.read32(address_of(at(0xff, 0), 0)), std::nullopt);
}

TEST_F(EcamTest, TwoBusesWithOneNumber_areMappedOnce) {
  RootPort second(machine.root.root_bus(), Devfn(2, 0));
  const TestFunction other(*second.secondary_bus(), Devfn(0, 0));
  {
    const Ecam ecam(machine.root, kWindow, machine.memory, &map);
    number(5);
    machine.write(at(0, 2), reg::kSecondaryBus, 2, 0x0505);
    EXPECT_EQ(slots.read32(address_of(at(5, 0), 0)), 0x10411af4u);
    number(6);
    EXPECT_EQ(slots.read32(address_of(at(5, 0), 0)), 0x10411af4u);
    EXPECT_EQ(slots.read32(address_of(at(6, 0), 0)), 0x10411af4u);
  }
  EXPECT_TRUE(slots.slots.empty());
}

TEST_F(EcamTest, MapThatRefuses_leavesTheTraps) {
  slots.refuse = true;
  const Ecam ecam(machine.root, kWindow, machine.memory, &map);
  number(1);
  EXPECT_TRUE(slots.slots.empty());
  EXPECT_EQ(machine.memory.read(address_of(at(1, 0), 0), AccessSize::k4), 0x10411af4u);
}

TEST_F(EcamTest, BusBeyondTheWindow_isNotMapped) {
  const Ecam ecam(machine.root, {kWindow.base, 4 * kMiB}, machine.memory, &map);
  const size_t before = slots.slots.size();
  number(4);
  EXPECT_EQ(slots.slots.size(), before);
  number(3);
  EXPECT_GT(slots.slots.size(), before);
}

TEST_F(EcamTest, WindowOfPartsOfABus_isRefused) {
  EXPECT_THROW(Ecam(machine.root, {kWindow.base, kMiB / 2}, machine.memory, nullptr), Error);
  EXPECT_THROW(Ecam(machine.root, {kWindow.base, 257 * kMiB}, machine.memory, nullptr), Error);
}

// What a guest reads is the same whether the host maps by 4, 16 or 64 KiB; only what exits differs.
struct EcamPageTest : EcamTest, testing::WithParamInterface<size_t> {
  EcamPageTest() : EcamTest(GetParam()) {}

  uint32_t read32(Bdf bdf, uint64_t offset) {
    const auto free = slots.read32(address_of(bdf, offset));
    const uint64_t exit = machine.memory.read(address_of(bdf, offset), AccessSize::k4);
    EXPECT_EQ(free.value_or(static_cast<uint32_t>(exit)), exit);
    return static_cast<uint32_t>(exit);
  }
};

TEST_P(EcamPageTest, Reads_giveTheSameWithAndWithoutAnExit) {
  const TestFunction neighbour(machine.root.root_bus(), Devfn(8, 1));
  const Ecam ecam(machine.root, kWindow, machine.memory, &map);
  number(1);
  for (const MappedMemory& slot : slots.slots) {
    EXPECT_EQ(slot.range.base.value % GetParam(), 0u);
    EXPECT_EQ(slot.range.size % GetParam(), 0u);
  }
  EXPECT_EQ(read32(at(0, 1), 0), 0x000c1b36u);
  EXPECT_EQ(read32(at(0, 4), 0), 0x10411af4u);
  EXPECT_EQ(read32(at(0, 8, 1), 0), 0x10411af4u);
  EXPECT_EQ(read32(at(1, 0), 0), 0x10411af4u);
  for (const Bdf absent : {at(0, 0), at(0, 4, 1), at(0, 4, 5), at(0, 8), at(0, 8, 2), at(0, 31, 7),
                           at(1, 0, 1), at(1, 0, 7), at(1, 1), at(1, 2), at(2, 0)}) {
    EXPECT_EQ(read32(absent, 0), 0xffffffffu) << to_string(absent);
  }
  machine.memory.write(address_of(at(0, 8, 1), reg::kInterruptLine), AccessSize::k1, 0x5a);
  EXPECT_EQ(read32(at(0, 8, 1), reg::kInterruptLine) & 0xff, 0x5au);
}

TEST_P(EcamPageTest, FunctionWhoseReadsAreTrapped_isAHoleOfOnePage) {
  const TestFunction neighbour(machine.root.root_bus(), Devfn(4, 1));
  const Ecam ecam(machine.root, kWindow, machine.memory, &map);
  const uint64_t hole = align_down(address_of(at(0, 4), 0).value, GetParam());
  EXPECT_EQ(slots.read32(address_of(at(0, 4), 0)), std::nullopt);
  EXPECT_EQ(slots.read32(GuestAddress(hole)), std::nullopt);
  EXPECT_EQ(slots.read32(address_of(at(0, 4, 1), 0)).has_value(), GetParam() == kConfigSize);
}

INSTANTIATE_TEST_SUITE_P(HostPages, EcamPageTest, testing::ValuesIn(host_page_sizes()));

}  // namespace
}  // namespace lintel::pci
