// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/hotplug_slot.h"

#include <memory>

#include <gtest/gtest.h>

#include "tests/fakes/capabilities.h"
#include "tests/unit/pci/test_machine.h"
#include "vmm/pci/root_port.h"
#include "vmm/pci/window.h"

namespace lintel::pci {
namespace {

// Of the slot registers (PCI Express Base 5.0, 7.5.3.10 and 7.5.3.11).
constexpr uint16_t kPowerOff = 1 << 10;
constexpr uint16_t kPressed = 1 << 0;
constexpr uint16_t kPresenceChanged = 1 << 3;
constexpr uint16_t kPresent = 1 << 6;
constexpr uint16_t kLinkChanged = 1 << 8;
// What Linux's pciehp enables: button, presence, link, and the interrupt.
constexpr uint16_t kEnabled = 1 << 0 | 1 << 3 | 1 << 5 | 1 << 12;

struct HotplugSlotTest : testing::Test {
  TestMachine machine;
  RootPort port{machine.root.root_bus(),
                Devfn(1, 0),
                {.link = {.port = 1, .slot = 1},
                 .hot_plug = true,
                 .reserve = {.memory32 = 2 * kMiB, .memory64 = 256 * kMiB}}};
  HotplugSlot& slot = *port.slot();
  std::unique_ptr<TestFunction> device;
  unsigned power_changes = 0;

  HotplugSlotTest() {
    slot.on_power_change([this] { ++power_changes; });
  }

  uint16_t at_express(uint16_t offset) {
    return static_cast<uint16_t>(find_capability(port.config(), reg::kCapExpress) + offset);
  }
  uint32_t get(uint16_t offset, unsigned size = 2) {
    return static_cast<uint32_t>(machine.read(at(0, 1), at_express(offset), size));
  }
  uint16_t status() { return static_cast<uint16_t>(get(reg::kExpressSlotStatus)); }
  bool link() { return (get(reg::kExpressLinkStatus) & reg::kExpressLinkActive) != 0; }
  void control(uint16_t value) {
    machine.write(at(0, 1), at_express(reg::kExpressSlotControl), 2, value);
  }
  void clear(uint16_t events) {
    machine.write(at(0, 1), at_express(reg::kExpressSlotStatus), 2, events);
  }
  // Pin D of slot 1.
  FakeIrqLine& pin() { return machine.lines[0]; }
  void put_in() {
    device = std::make_unique<TestFunction>(*port.secondary_bus(), Devfn(0, 0));
    slot.insert();
  }
};

TEST_F(HotplugSlotTest, Capabilities_sayWhatTheSlotHas) {
  EXPECT_EQ(get(reg::kExpressSlotCapabilities, 4),
            1u << 19 | 1u << 18 | 1u << 6 | 1u << 4 | 1u << 1 | 1u << 0);
  EXPECT_NE(find_capability(port.config(), reg::kCapMsi), 0);
}

TEST_F(HotplugSlotTest, EmptySlot_hasNoPowerAndNoLink) {
  EXPECT_EQ(status(), 0);
  EXPECT_NE(get(reg::kExpressSlotControl) & kPowerOff, 0u);
  EXPECT_FALSE(link());
  EXPECT_FALSE(slot.powered());
}

TEST_F(HotplugSlotTest, SlotThatStartsWithADevice_hasPowerAndNoEvents) {
  slot.start_with_device();
  EXPECT_EQ(status(), kPresent);
  EXPECT_EQ(get(reg::kExpressSlotControl) & kPowerOff, 0u);
  EXPECT_TRUE(link());
  machine.root.reset();
  EXPECT_EQ(status(), kPresent);
  EXPECT_TRUE(link());
}

TEST_F(HotplugSlotTest, Insertion_interruptsAndTheLinkComesWithThePower) {
  control(kEnabled | kPowerOff);
  EXPECT_FALSE(pin().level());
  put_in();
  EXPECT_EQ(status(), kPresent | kPresenceChanged | kPressed);
  EXPECT_TRUE(pin().level());
  EXPECT_FALSE(link());
  clear(kPresenceChanged | kPressed);
  EXPECT_EQ(status(), kPresent);
  EXPECT_FALSE(pin().level());
  control(kEnabled);
  EXPECT_TRUE(slot.powered());
  EXPECT_EQ(power_changes, 1u);
  EXPECT_TRUE(link());
  EXPECT_EQ(status(), kPresent | kLinkChanged);
  EXPECT_TRUE(pin().level());
}

// Drivers of slots with a button leave the presence's interrupt off.
TEST_F(HotplugSlotTest, Insertion_isHeardByWhoListensToTheButtonAlone) {
  control(1 << 0 | 1 << 5 | kPowerOff);
  put_in();
  EXPECT_TRUE(pin().level());
}

TEST_F(HotplugSlotTest, Insertion_intoASlotWithPowerBringsTheLink) {
  control(kEnabled);
  EXPECT_FALSE(link());
  put_in();
  EXPECT_TRUE(link());
  EXPECT_NE(status() & kLinkChanged, 0);
}

TEST_F(HotplugSlotTest, Removal_followsButtonAndPower) {
  control(kEnabled | kPowerOff);
  put_in();
  control(kEnabled);
  clear(0xffff);
  slot.press_attention();
  EXPECT_EQ(status(), kPresent | kPressed);
  EXPECT_TRUE(pin().level());
  clear(kPressed);
  EXPECT_EQ(power_changes, 1u);
  const unsigned resets = device->resets;
  control(kEnabled | kPowerOff);
  EXPECT_EQ(power_changes, 2u);
  EXPECT_FALSE(slot.powered());
  EXPECT_EQ(device->resets, resets + 1) << "no power: everything is forgotten";
  EXPECT_FALSE(link());
  EXPECT_NE(status() & kPresent, 0) << "the power alone takes nothing out";
  control(kEnabled | kPowerOff);
  EXPECT_EQ(power_changes, 2u) << "it is off already";
  EXPECT_EQ(device->resets, resets + 1);
  clear(0xffff);
  device.reset();
  slot.remove();
  EXPECT_EQ(status(), kPresenceChanged);
}

TEST_F(HotplugSlotTest, Removal_byForceTakesTheLinkWithIt) {
  slot.start_with_device();
  control(1 << 0 | 1 << 5 | 1 << 12);
  EXPECT_FALSE(pin().level());
  slot.remove();
  EXPECT_EQ(status(), kPresenceChanged | kLinkChanged);
  EXPECT_FALSE(link());
  EXPECT_TRUE(pin().level()) << "the link's event is enabled";
}

TEST_F(HotplugSlotTest, Events_waitForTheirEnables) {
  put_in();
  EXPECT_FALSE(pin().level()) << "nothing is enabled";
  control(1 << 5 | kPowerOff);
  EXPECT_FALSE(pin().level()) << "the interrupt is, the event is not";
  control(1 << 5 | 1 << 3 | kPowerOff);
  EXPECT_TRUE(pin().level());
  control(1 << 3 | kPowerOff);
  EXPECT_FALSE(pin().level());
}

TEST_F(HotplugSlotTest, Message_isSentOnceForEventsThatComeTogether) {
  const uint16_t msi = find_capability(port.config(), reg::kCapMsi);
  machine.write(at(0, 1), static_cast<uint16_t>(msi + reg::kMsiAddress), 4, 0xfee00000);
  machine.write(at(0, 1), static_cast<uint16_t>(msi + reg::kMsiData), 2, 0x41);
  machine.write(at(0, 1), static_cast<uint16_t>(msi + reg::kMsiControl), 2, reg::kMsiEnable);
  control(kEnabled | kPowerOff);
  put_in();
  slot.press_attention();
  EXPECT_EQ(machine.msi.take().size(), 1u);
  EXPECT_FALSE(pin().level());
  clear(0xffff);
  slot.press_attention();
  EXPECT_EQ(machine.msi.take().size(), 1u);
}

TEST_F(HotplugSlotTest, AnyWriteOfTheGuest_isSurvived) {
  put_in();
  uint32_t random = 1;
  for (int i = 0; i < 20000; ++i) {
    random = random * 1664525 + 1013904223;
    const auto offset = static_cast<uint16_t>(random >> 8 & 0xff);
    const unsigned size = 1u << (random >> 4 & 1);
    machine.write(at(0, 1), static_cast<uint16_t>(offset & ~(size - 1)), size, random >> 16);
    if (i % 1000 == 0) {
      device.reset();
      slot.remove();
      put_in();
    }
  }
  EXPECT_NE(status() & kPresent, 0);
  EXPECT_GT(power_changes, 20u);
  EXPECT_EQ(link(), slot.powered());
}

TEST_F(HotplugSlotTest, EmptyPort_hasWindowsForWhatWillCome) {
  assign_resources(machine.root, {.memory32 = TestMachine::kMemory32,
                                  .memory64 = TestMachine::kMemory64,
                                  .ports = TestMachine::kPorts});
  const uint64_t base = machine.read(at(0, 1), reg::kMemoryBase, 2) << 16;
  const uint64_t limit = machine.read(at(0, 1), reg::kMemoryLimit, 2) << 16 | 0xfffff;
  EXPECT_EQ(limit + 1 - base, 2 * kMiB);
  EXPECT_EQ(base % (2 * kMiB), 0u);
  const uint64_t high = machine.read(at(0, 1), reg::kPrefetchBaseUpper, 4) << 32 |
                        (machine.read(at(0, 1), reg::kPrefetchBase, 2) & 0xfff0) << 16;
  const uint64_t high_limit = machine.read(at(0, 1), reg::kPrefetchLimitUpper, 4) << 32 |
                              (machine.read(at(0, 1), reg::kPrefetchLimit, 2) & 0xfff0) << 16 |
                              0xfffff;
  EXPECT_EQ(high_limit + 1 - high, 256 * kMiB);
  EXPECT_EQ(memory64_demand(machine.root), 256 * kMiB);
}

}  // namespace
}  // namespace lintel::pci
