// SPDX-License-Identifier: Apache-2.0
#include "passthrough/pci/function.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <thread>

#include <gtest/gtest.h>

#include "tests/fakes/fake_vfio_device.h"
#include "tests/fakes/manual_clock.h"
#include "tests/unit/pci/test_machine.h"

namespace lintel::passthrough::pci {
namespace {

using lintel::pci::Bdf;
using lintel::pci::Devfn;
using lintel::pci::TestMachine;
namespace reg = lintel::pci::reg;

constexpr Bdf kBdf{0, Devfn(3, 0)};
constexpr uint64_t kBar0 = 0xc0000000;
constexpr uint16_t kPm = 0x40;
constexpr uint16_t kMsix = 0x50;

class RecordingObserver final : public MemoryObserver {
 public:
  void added(const MappedMemory& memory) override { mapped.push_back(memory.range); }
  void removed(const MappedMemory& memory) override { std::erase(mapped, memory.range); }
  std::vector<GuestRange> mapped;
};
using Ranges = std::vector<GuestRange>;
using Calls = std::vector<std::string>;

// An NVMe-like function: BAR 0 of 16 KiB, 64-bit, with registers and, in its third page, the MSI-X
// table of 4 vectors, the pending bits behind it.
class PassedFunctionTest : public testing::Test {
 protected:
  PassedFunctionTest() {
    map.subscribe(observer);
    device.add_region({.index = 0,
                       .size = 0x4000,
                       .readable = true,
                       .writable = true,
                       .mappable = true,
                       .msix_mappable = true});
    device.config32(reg::kBar0, reg::kBarMemory64);
    device.config8(reg::kInterruptPin, 1);
    device.add_irq({.index = pci_irq::kIntx, .count = 1, .eventfd = true, .automasked = true});
    device.add_irq({.index = pci_irq::kMsix, .count = 4, .eventfd = true});
    device.add_capability(kMsix, reg::kCapMsix);
    device.config16(kMsix + reg::kMsixControl, 3);
    device.config32(kMsix + reg::kMsixTable, 0x2000);
    device.config32(kMsix + reg::kMsixPba, 0x2800);
    device.add_capability(kPm, reg::kCapPowerManagement);
    device.config16(kPm + reg::kPmCapabilities, 0xf803);
  }
  ~PassedFunctionTest() override {
    function.reset();
    map.unsubscribe(observer);
  }

  void make(const FunctionOptions& options = {}) {
    make_of(take_snapshot(device, options));
    device.take_calls();
  }
  void make_of(const FunctionSnapshot& snapshot) {
    auto own_timer = std::make_unique<ManualTimer>(clock);
    timer = own_timer.get();
    function = std::make_unique<PassedFunction>(
        machine.root.root_bus(), Devfn(3, 0), device,
        FunctionServices{.map = map, .loop = loop, .clock = clock, .timer = std::move(own_timer)},
        snapshot);
  }
  void write(uint16_t offset, unsigned size, uint32_t value) {
    machine.write(kBdf, offset, size, value);
  }
  uint32_t read(uint16_t offset, unsigned size) {
    return static_cast<uint32_t>(machine.read(kBdf, offset, size));
  }
  void place() {
    write(reg::kBar0, 4, kBar0);
    write(reg::kCommand, 2, reg::kCommandMemory | reg::kCommandBusMaster);
  }
  void unmask(unsigned vector) {
    const uint64_t entry = kBar0 + 0x2000 + vector * reg::kMsixEntrySize;
    machine.memory.write(GuestAddress(entry), AccessSize::k4, 0xfee00000);
    machine.memory.write(GuestAddress(entry + 12), AccessSize::k4, 0);
  }
  // What is ready is called; the loop cannot be used afterwards.
  void loop_once() {
    EventFd last;
    loop.add(last.get(), EPOLLIN, [this](uint32_t) { loop.stop(); });
    last.signal();
    loop.run();
    loop.remove(last.get());
  }
  static GuestRange range(uint64_t offset, uint64_t size) {
    return {GuestAddress(kBar0 + offset), size};
  }

  FakeVfioDevice device;
  TestMachine machine{4096};
  MemoryMap map{4096};
  RecordingObserver observer;
  EventLoop loop;
  ManualClock clock;
  ManualTimer* timer = nullptr;  // the function's
  std::unique_ptr<PassedFunction> function;
};

TEST_F(PassedFunctionTest, Guest_seesTheDevicesIdentity) {
  make();
  EXPECT_EQ(read(reg::kVendorId, 4), 0x56781234u);
  EXPECT_EQ(read(reg::kRevision, 4), 0x01080201u);
}

TEST_F(PassedFunctionTest, FunctionOfASnapshot_readsNothingMoreOfTheDevice) {
  const FunctionSnapshot snapshot = take_snapshot(device, {});
  EXPECT_LE(device.config_reads, 3u) << "a sign of life, and all at once";
  device.config_reads = 0;
  make_of(snapshot);
  EXPECT_EQ(device.config_reads, 0u);
  EXPECT_EQ(read(reg::kVendorId, 4), 0x56781234u);
}

TEST_F(PassedFunctionTest, DeviceThatIsReadByRegistersOnly_isReadSo) {
  device.single_registers = true;
  const FunctionSnapshot snapshot = take_snapshot(device, {});
  EXPECT_EQ(snapshot.bytes, device.config());
}

TEST_F(PassedFunctionTest, WhatTheGuestDoesAtOnce_isOneOperation) {
  make();
  const auto operations = [&](const auto& act) {
    const unsigned before = device.operations;
    act();
    return device.operations - before;
  };
  EXPECT_EQ(operations([&] { write(reg::kCommand, 2, reg::kCommandMemory); }), 1u);
  EXPECT_EQ(operations([&] { read(reg::kStatus, 2); }), 1u);
  place();
  for (unsigned vector = 0; vector < 4; ++vector) unmask(vector);
  device.take_calls();
  EXPECT_EQ(operations([&] { write(kMsix + reg::kMsixControl, 2, reg::kMsixEnable); }), 1u);
  EXPECT_EQ(device.take_calls(),
            (Calls{"disable 0", "triggers 2 from 0: 1", "triggers 2 from 0: 1",
                   "triggers 2 from 1: 1", "triggers 2 from 2: 1", "triggers 2 from 3: 1"}));
  EXPECT_EQ(operations([&] {
              machine.memory.read(GuestAddress(kBar0 + 0x2800), AccessSize::k8);  // pending bits
            }),
            1u);
  EXPECT_EQ(operations([&] { function->reset(); }), 1u);
  EXPECT_EQ(operations([&] { function.reset(); }), 1u);
}

// `lintel status` asks while a vCPU waits for the device.
TEST_F(PassedFunctionTest, Report_doesNotWaitForTheDevice) {
  make();
  place();
  unmask(0);
  std::string kind;
  device.on_triggers = [&] {
    std::thread([&] { kind = function->report().interrupts.kind; }).join();
  };
  write(kMsix + reg::kMsixControl, 2, reg::kMsixEnable);
  EXPECT_EQ(kind, "MSI-X");
  EXPECT_EQ(function->report().interrupts.vectors, 1u);
}

TEST_F(PassedFunctionTest, Patch_isWhatTheGuestReadsAndNothingOfItReachesTheDevice) {
  constexpr uint16_t kVendor = 0x80;
  device.add_capability(kVendor, reg::kCapVendor);
  device.config32(kVendor + 4, 0x0000a5a5);
  make({.config = {.patch = {"2c.l=11112222", "0c=40:c0", "CAP_VNDR+4.l=3c00:ff00"}}});
  EXPECT_EQ(read(reg::kSubsystemVendorId, 4), 0x11112222u);
  EXPECT_EQ(read(kVendor + 4, 4), 0x3ca5u);
  write(kVendor + 4, 4, 0xffffffff);
  EXPECT_EQ(read(kVendor + 4, 4), 0xffff3cffu);
  EXPECT_EQ(device.config32(kVendor + 4), 0xffffa5ffu);
  write(kVendor + 5, 1, 0);
  EXPECT_EQ(device.config32(kVendor + 4), 0xffffa5ffu);
  write(reg::kCacheLineSize, 1, 0xff);
  EXPECT_EQ(read(reg::kCacheLineSize, 1), 0x7fu);
  write(reg::kSubsystemVendorId, 4, 0);
  function->reset();
  EXPECT_EQ(read(reg::kSubsystemVendorId, 4), 0x11112222u);
  EXPECT_EQ(read(reg::kCacheLineSize, 1), 0x40u);
}

TEST_F(PassedFunctionTest, PatchOfSomeBits_leavesTheDevicesOwnInThem) {
  constexpr uint16_t kVendor = 0x80;
  device.add_capability(kVendor, reg::kCapVendor);
  device.config8(kVendor + 4, 0x5a);
  make({.config = {.patch = {"CAP_VNDR+4=3:f"}}});
  write(kVendor + 4, 1, 0xff);
  EXPECT_EQ(read(kVendor + 4, 1), 0xf3u);
  EXPECT_EQ(device.config16(kVendor + 4) & 0xff, 0xfa);
}

TEST_F(PassedFunctionTest, View_isWhatTheGuestReads) {
  constexpr uint16_t kVendor = 0x80;
  device.add_capability(kVendor, reg::kCapVendor);
  device.config32(kVendor + 4, 0x12345678);
  device.config32(0x100, 0x14010001);
  device.config32(0x104, 0xdeadbeef);
  device.config32(0x140, 0x00010003);
  device.config16(reg::kStatus, device.config16(reg::kStatus) | 0x0200);
  const ConfigOptions options{.hide = {"AER"}, .patch = {"08=77", "CAP_VNDR+4.w=1", "144=9"}};
  const std::vector<std::byte> bytes(device.config().begin(), device.config().end());
  const std::vector<GuestByte> view = guest_view(bytes, plan_config(bytes, options));
  make({.config = options});
  size_t known = 0;
  for (size_t i = 0; i < view.size(); ++i) {
    if (!view[i].known) continue;
    ++known;
    EXPECT_EQ(read(static_cast<uint16_t>(i), 1), view[i].value) << i;
  }
  EXPECT_GT(known, 4000u);
}

TEST_F(PassedFunctionTest, Hardware_decodesMemoryFromTheStartAndTheGuestDoesNot) {
  make();
  EXPECT_EQ(device.config16(reg::kCommand), reg::kCommandMemory);
  EXPECT_EQ(read(reg::kCommand, 2), 0u);
}

TEST_F(PassedFunctionTest, DecodedBar_isMappedAroundTheMsixTable) {
  make();
  place();
  EXPECT_EQ(observer.mapped, (Ranges{range(0, 0x2000), range(0x3000, 0x1000)}));
  write(reg::kCommand, 2, 0);
  EXPECT_EQ(observer.mapped, Ranges{});
  EXPECT_EQ(device.config16(reg::kCommand), reg::kCommandMemory);
}

TEST_F(PassedFunctionTest, Sizing_mapsNothingElsewhere) {
  make();
  place();
  write(reg::kBar0, 4, UINT32_MAX);
  EXPECT_EQ(read(reg::kBar0, 4), 0xffffc004u);
  EXPECT_EQ(observer.mapped.front(), range(0, 0x2000));
  write(reg::kBar0, 4, kBar0);
  EXPECT_EQ(observer.mapped.size(), 2u);
}

TEST_F(PassedFunctionTest, MovedBar_isMappedAtItsNewPlaceOnly) {
  make();
  place();
  write(reg::kBar0, 4, kBar0 + 0x10000);
  EXPECT_EQ(observer.mapped, (Ranges{range(0x10000, 0x2000), range(0x13000, 0x1000)}));
}

TEST_F(PassedFunctionTest, SleepingDevice_isUnmappedFirstAndMappedLast) {
  make();
  place();
  device.take_calls();
  write(kPm + reg::kPmControl, 2, 3);
  EXPECT_EQ(observer.mapped, Ranges{});
  EXPECT_EQ(device.take_calls(), Calls{"write 7 0x44 2: 3"});
  write(kPm + reg::kPmControl, 2, 0);
  EXPECT_EQ(observer.mapped.size(), 2u);
}

TEST_F(PassedFunctionTest, TrappedAccess_reachesTheDevice) {
  make();
  place();
  device.bytes(0)[0x2900] = std::byte{0x5a};
  EXPECT_EQ(machine.memory.read(GuestAddress(kBar0 + 0x2900), AccessSize::k1), 0x5au);
  machine.memory.write(GuestAddress(kBar0 + 0x2904), AccessSize::k4, 0x11223344);
  EXPECT_EQ(load_le<uint32_t>(&device.bytes(0)[0x2904]), 0x11223344u);
}

TEST_F(PassedFunctionTest, MsixTable_isNotTheDevices) {
  make();
  place();
  machine.memory.write(GuestAddress(kBar0 + 0x2000), AccessSize::k4, 0xfee00000);
  EXPECT_EQ(machine.memory.read(GuestAddress(kBar0 + 0x2000), AccessSize::k4), 0xfee00000u);
  EXPECT_EQ(load_le<uint32_t>(&device.bytes(0)[0x2000]), 0u);
}

TEST_F(PassedFunctionTest, MsixTableAmongRegisters_isMovedBehindThem) {
  device.config32(kMsix + reg::kMsixTable, 0x2800);
  device.config32(kMsix + reg::kMsixPba, 0x2900);
  make();
  write(reg::kBar0, 4, UINT32_MAX);
  EXPECT_EQ(read(reg::kBar0, 4), 0xffff8004u);
  EXPECT_EQ(read(kMsix + reg::kMsixTable, 4), 0x4000u);
  EXPECT_EQ(read(kMsix + reg::kMsixPba, 4), 0x5000u);
  place();
  EXPECT_EQ(observer.mapped, Ranges{range(0, 0x4000)});
  machine.memory.write(GuestAddress(kBar0 + 0x4000), AccessSize::k4, 0xfee00000);
  EXPECT_EQ(machine.memory.read(GuestAddress(kBar0 + 0x4000), AccessSize::k4), 0xfee00000u);
  EXPECT_EQ(machine.memory.read(GuestAddress(kBar0 + 0x6000), AccessSize::k4), 0xffffffffu);
}

TEST_F(PassedFunctionTest, MsixTableAmongRegisters_staysWhereTheKernelKeepsItsPage) {
  device.add_region(
      {.index = 0, .size = 0x4000, .readable = true, .writable = true, .mappable = true});
  device.config32(kMsix + reg::kMsixTable, 0x2800);
  make();
  EXPECT_EQ(read(kMsix + reg::kMsixTable, 4), 0x2800u);
  place();
  EXPECT_EQ(observer.mapped, (Ranges{range(0, 0x2000), range(0x3000, 0x1000)}));
}

TEST_F(PassedFunctionTest, DeviceThatIsGone_readsAsOnes) {
  make();
  place();
  device.vanish();
  EXPECT_EQ(machine.memory.read(GuestAddress(kBar0 + 0x2900), AccessSize::k4), 0xffffffffu);
  EXPECT_EQ(read(kPm + reg::kPmControl, 2), 0xffffu);
}

TEST_F(PassedFunctionTest, DeviceThatIsGone_isNotResetWithTheGuest) {
  make();
  device.lose();
  device.take_calls();
  function->reset();
  for (const std::string& call : device.take_calls()) EXPECT_NE(call, "reset");
}

TEST_F(PassedFunctionTest, MemoryThatTheHostCannotReach_isTrappedUntilTheDeviceAnswers) {
  make();
  function->trap_everything();
  place();
  EXPECT_EQ(observer.mapped.size(), 2u);
  function->trap_everything();
  function->trap_everything();
  EXPECT_EQ(observer.mapped, Ranges{});
  device.bytes(0)[0x10] = std::byte{7};
  EXPECT_EQ(machine.memory.read(GuestAddress(kBar0 + 0x10), AccessSize::k1), 7u);
  EXPECT_EQ(observer.mapped, (Ranges{range(0, 0x2000), range(0x3000, 0x1000)}));
}

TEST_F(PassedFunctionTest, DeviceThatStaysAway_staysTrapped) {
  make();
  place();
  device.vanish();
  function->trap_everything();
  EXPECT_EQ(machine.memory.read(GuestAddress(kBar0 + 0x10), AccessSize::k4), 0xffffffffu);
  EXPECT_EQ(observer.mapped, Ranges{});
  write(reg::kBar0, 4, kBar0 + 0x10000);
  EXPECT_EQ(observer.mapped, Ranges{});
}

TEST_F(PassedFunctionTest, Command_goesToTheDeviceWithoutTheDecodeBits) {
  make();
  write(reg::kCommand, 2, reg::kCommandBusMaster | reg::kCommandIntxDisable);
  EXPECT_EQ(device.config16(reg::kCommand),
            reg::kCommandBusMaster | reg::kCommandIntxDisable | reg::kCommandMemory);
  EXPECT_EQ(read(reg::kCommand, 2), reg::kCommandBusMaster | reg::kCommandIntxDisable);
}

TEST_F(PassedFunctionTest, WakeUpEvents_areNotOffered) {
  make();
  EXPECT_EQ(read(kPm + reg::kPmCapabilities, 2), 0x0003u);
}

TEST_F(PassedFunctionTest, HiddenCapability_isNotInTheList) {
  make({.config = {.hide = {"pm"}}});
  EXPECT_EQ(read(reg::kCapabilityPointer, 1), kMsix);
  EXPECT_EQ(read(kMsix + 1, 1), 0u);
  EXPECT_EQ(read(kPm, 4), 0u);
  device.take_calls();
  write(kPm + reg::kPmControl, 2, 3);
  EXPECT_EQ(device.take_calls(), Calls{});
}

TEST_F(PassedFunctionTest, ExtendedListWhoseHeadIsHidden_beginsWithAnEmptyOne) {
  device.config32(0x100, 0x14010010);  // SR-IOV, next at 0x140
  device.config32(0x140, 0x00010003);  // serial number
  device.config32(0x144, 0xaabbccdd);
  make();
  EXPECT_EQ(read(0x100, 4), 0x14000000u);
  EXPECT_EQ(read(0x104, 4), 0u);
  EXPECT_EQ(read(0x140, 4), 0x00010003u);
  EXPECT_EQ(read(0x144, 4), 0xaabbccddu);
}

TEST_F(PassedFunctionTest, RomLargerThanAnyIs_isNotShown) {
  device.add_region({.index = pci_region::kRom, .size = 32 * kMiB, .readable = true});
  make();
  write(reg::kExpansionRom, 4, ~0u);
  EXPECT_EQ(read(reg::kExpansionRom, 4), 0u);
}

TEST_F(PassedFunctionTest, Intx_runsInTheKernelFromTheStart) {
  make();
  EXPECT_EQ(device.trigger(pci_irq::kIntx, 0), machine.lines[3].level_events()->trigger_fd());
  EXPECT_EQ(device.unmask_event(), machine.lines[3].level_events()->resample_fd());
}

TEST_F(PassedFunctionTest, IntxWithoutResample_trapsRegistersUntilItIsQuiet) {
  machine.lines[3].without_level_events();
  make();
  place();
  EXPECT_EQ(observer.mapped.size(), 2u);
  ASSERT_EQ(eventfd_write(device.trigger(pci_irq::kIntx, 0), 1), 0);
  // The line is up when nothing is mapped any more, so that the handler's access is seen.
  loop_once();
  EXPECT_EQ(observer.mapped, Ranges{});
  EXPECT_TRUE(machine.lines[3].level());
  device.take_calls();
  machine.memory.read(GuestAddress(kBar0 + 0x10), AccessSize::k4);
  EXPECT_FALSE(machine.lines[3].level());
  EXPECT_EQ(device.take_calls(), (Calls{"read 0 0x10 4", "unmask 0"}));
  machine.memory.read(GuestAddress(kBar0 + 0x10), AccessSize::k4);
  EXPECT_EQ(device.take_calls(), Calls{"read 0 0x10 4"});
  EXPECT_EQ(observer.mapped, Ranges{});
  timer->expire();
  EXPECT_EQ(observer.mapped, Ranges{});
  timer->expire();
  EXPECT_EQ(observer.mapped.size(), 2u);
}

TEST_F(PassedFunctionTest, IntxWithoutResample_isHandledByAConfigurationWriteToo) {
  machine.lines[3].without_level_events();
  make();
  place();
  ASSERT_EQ(eventfd_write(device.trigger(pci_irq::kIntx, 0), 1), 0);
  loop_once();
  EXPECT_TRUE(machine.lines[3].level());
  write(reg::kCommand, 2, reg::kCommandMemory | reg::kCommandIntxDisable);
  EXPECT_FALSE(machine.lines[3].level());
}

TEST_F(PassedFunctionTest, Msix_takesVectorsOneByOneAndIntxGoesFirst) {
  make();
  place();
  device.take_calls();
  write(kMsix + reg::kMsixControl, 2, reg::kMsixEnable);
  EXPECT_EQ(device.trigger(pci_irq::kIntx, 0), -1);
  unmask(1);
  EXPECT_GE(device.trigger(pci_irq::kMsix, 1), 0);
  EXPECT_EQ(device.trigger(pci_irq::kMsix, 0), -1);
  device.take_calls();
  // Masking and unmasking is KVM's affair.
  machine.memory.write(GuestAddress(kBar0 + 0x201c), AccessSize::k4, 1);
  machine.memory.write(GuestAddress(kBar0 + 0x201c), AccessSize::k4, 0);
  EXPECT_EQ(device.take_calls(), Calls{});
  write(kMsix + reg::kMsixControl, 2, 0);
  EXPECT_EQ(device.trigger(pci_irq::kMsix, 1), -1);
  EXPECT_GE(device.trigger(pci_irq::kIntx, 0), 0);
}

TEST_F(PassedFunctionTest, MsixWithAllVectorsMasked_isOnAtTheDevice) {
  make();
  place();
  device.take_calls();
  write(kMsix + reg::kMsixControl, 2, reg::kMsixEnable);
  EXPECT_EQ(device.take_calls(), (Calls{"disable 0", "triggers 2 from 0: 1"}));
  EXPECT_EQ(device.trigger(pci_irq::kMsix, 0), -1);
  EXPECT_EQ(function->report().interrupts.kind, "MSI-X");
  EXPECT_EQ(function->report().interrupts.vectors, 0u);
  unmask(0);
  EXPECT_EQ(device.take_calls(), Calls{"triggers 2 from 0: 1"});
  EXPECT_GE(device.trigger(pci_irq::kMsix, 0), 0);
  write(kMsix + reg::kMsixControl, 2, 0);
  EXPECT_EQ(device.take_calls(), (Calls{"disable 2", "triggers 0 from 0: 1", "unmask event 0"}));
}

TEST_F(PassedFunctionTest, MsixThatTheHostRefusesWithoutVectors_isOnWithTheFirst) {
  make();
  place();
  device.fail("set_triggers");
  write(kMsix + reg::kMsixControl, 2, reg::kMsixEnable);
  device.work("set_triggers");
  unmask(1);
  EXPECT_GE(device.trigger(pci_irq::kMsix, 1), 0);
}

TEST_F(PassedFunctionTest, PendingBitOfAVectorThatWasNeverUnmasked_isTheDevices) {
  make();
  place();
  const auto pending = [&] {
    return machine.memory.read(GuestAddress(kBar0 + 0x2800), AccessSize::k4);
  };
  device.bytes(0)[0x2800] = std::byte{0b0110};
  EXPECT_EQ(pending(), 0u);
  write(kMsix + reg::kMsixControl, 2, reg::kMsixEnable);
  EXPECT_EQ(pending(), 0b0110u);
  unmask(1);
  EXPECT_EQ(pending(), 0b0100u);
}

TEST_F(PassedFunctionTest, GrowingWhereTheHostCannotResize_keepsWhatWaitsAtTheDevice) {
  device.add_irq({.index = pci_irq::kMsix, .count = 4, .eventfd = true, .noresize = true});
  make();
  place();
  device.bytes(0)[0x2800] = std::byte{0b0100};
  write(kMsix + reg::kMsixControl, 2, reg::kMsixEnable);
  unmask(2);
  EXPECT_TRUE(machine.msi.vectors()[0]->deliver_event());
  unmask(3);
  EXPECT_FALSE(machine.msi.vectors()[1]->deliver_event());
}

TEST_F(PassedFunctionTest, GrowingWhereTheHostCannotResize_signalsWhatMayHaveBeenLost) {
  device.add_irq({.index = pci_irq::kMsix, .count = 4, .eventfd = true, .noresize = true});
  make();
  place();
  write(kMsix + reg::kMsixControl, 2, reg::kMsixEnable);
  unmask(0);
  EXPECT_FALSE(machine.msi.vectors()[0]->deliver_event());
  device.take_calls();
  unmask(2);
  EXPECT_EQ(device.take_calls(), (Calls{"read 0 0x2800 4", "disable 2", "triggers 2 from 0: 4"}));
  EXPECT_TRUE(machine.msi.vectors()[0]->deliver_event());
  unmask(3);
  EXPECT_EQ(device.take_calls(), Calls{"triggers 2 from 3: 1"});
}

TEST_F(PassedFunctionTest, GrowingWhereTheHostHasNoPowerOfTwo_takesWhatIsNeeded) {
  device.add_irq({.index = pci_irq::kMsix, .count = 4, .eventfd = true, .noresize = true});
  device.vectors = 3;
  make();
  place();
  write(kMsix + reg::kMsixControl, 2, reg::kMsixEnable);
  unmask(2);
  EXPECT_GE(device.trigger(pci_irq::kMsix, 2), 0);
  EXPECT_EQ(function->report().interrupts.vectors, 1u);
}

TEST_F(PassedFunctionTest, Report_hasHolesTypedRegionsAndTheMostVectors) {
  device.set_info({.kind = DeviceKind::kPci, .can_reset = true, .regions = 10, .irqs = 5});
  device.add_region({.index = pci_region::kFirstTyped,
                     .size = 0x2000,
                     .readable = true,
                     .type = RegionType{7, 1}});
  make();
  place();
  write(kMsix + reg::kMsixControl, 2, reg::kMsixEnable);
  unmask(0);
  unmask(2);
  const FunctionReport during = function->report();
  EXPECT_EQ(during.interrupts.most, 2u);
  ASSERT_EQ(during.bars.size(), 1u);
  EXPECT_EQ(during.bars[0].mapped, 0x3000u);
  EXPECT_EQ(during.bars[0].holes, (std::vector<RegionPart>{{0x2000, 0x1000}}));
  ASSERT_EQ(during.regions.size(), 1u);
  EXPECT_EQ(during.regions[0].type, (RegionType{7, 1}));
  write(reg::kCommand, 2, 0);
  write(kMsix + reg::kMsixControl, 2, 0);
  const FunctionReport after = function->report();
  EXPECT_EQ(after.interrupts.most, 2u);
  EXPECT_EQ(after.bars[0].mapped, 0u);
  EXPECT_EQ(after.bars[0].holes, during.bars[0].holes);
}

TEST_F(PassedFunctionTest, GrowingThatTheHostRefuses_keepsTheVectorsThatWorked) {
  device.add_irq({.index = pci_irq::kMsix, .count = 4, .eventfd = true, .noresize = true});
  device.vectors = 2;
  make();
  place();
  write(kMsix + reg::kMsixControl, 2, reg::kMsixEnable);
  unmask(1);
  const int event_fd = device.trigger(pci_irq::kMsix, 1);
  ASSERT_GE(event_fd, 0);
  unmask(2);
  EXPECT_EQ(device.trigger(pci_irq::kMsix, 1), event_fd);
  EXPECT_TRUE(machine.msi.vectors()[0]->deliver_event());
  EXPECT_FALSE(machine.msi.vectors()[1]->deliver_event());
  EXPECT_EQ(function->report().interrupts.kind, "MSI-X");
  EXPECT_EQ(function->report().interrupts.vectors, 1u);
  unmask(0);
  EXPECT_GE(device.trigger(pci_irq::kMsix, 0), 0);
  EXPECT_EQ(device.trigger(pci_irq::kMsix, 1), event_fd);
}

TEST_F(PassedFunctionTest, End_leavesTheDeviceQuiet) {
  make();
  place();
  function.reset();
  EXPECT_EQ(observer.mapped, Ranges{});
  EXPECT_EQ(device.config16(reg::kCommand), reg::kCommandIntxDisable);
  EXPECT_EQ(device.trigger(pci_irq::kIntx, 0), -1);
}

TEST_F(PassedFunctionTest, Reset_resetsTheHardwareAndStartsAnew) {
  make();
  place();
  function->Function::bus().root_complex().reset();
  EXPECT_EQ(observer.mapped, Ranges{});
  const Calls calls = device.take_calls();
  EXPECT_NE(std::find(calls.begin(), calls.end(), "reset"), calls.end());
  EXPECT_EQ(device.config16(reg::kCommand), reg::kCommandMemory);
  EXPECT_GE(device.trigger(pci_irq::kIntx, 0), 0);
}

TEST_F(PassedFunctionTest, ResetOfADeviceThatShallNotBe_onlyMakesItQuiet) {
  make({.resettable = false});
  place();
  device.take_calls();
  function->Function::bus().root_complex().reset();
  const Calls calls = device.take_calls();
  EXPECT_EQ(std::find(calls.begin(), calls.end(), "reset"), calls.end());
  EXPECT_NE(std::find(calls.begin(), calls.end(), "write 7 0x4 2: 400"), calls.end());
}

TEST_F(PassedFunctionTest, SleepingDeviceThatIsNotReset_isWokenAndStaysQuiet) {
  make({.resettable = false});
  place();
  write(kPm + reg::kPmControl, 2, 0x0103);
  device.take_calls();
  function->Function::bus().root_complex().reset();
  Calls writes = device.take_calls();
  std::erase_if(writes, [](const std::string& call) { return !call.starts_with("write"); });
  EXPECT_EQ(writes, (Calls{"write 7 0x4 2: 400", "write 7 0x44 2: 100", "write 7 0x4 2: 400",
                           "write 7 0x4 2: 2"}));
  place();
  EXPECT_EQ(observer.mapped.size(), 2u);
}

TEST_F(PassedFunctionTest, DeviceThatIsGone_isNotWoken) {
  make({.resettable = false});
  place();
  device.config16(kPm + reg::kPmControl, 0xffff);
  device.take_calls();
  function->reset();
  EXPECT_EQ(device.config16(kPm + reg::kPmControl), 0xffff);
}

TEST_F(PassedFunctionTest, DeadDevice_isAnErrorThatSaysWhatToDo) {
  device.config16(reg::kVendorId, 0xffff);
  try {
    make();
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.describe().find("powered off"), std::string::npos);
  }
}

TEST_F(PassedFunctionTest, BarSmallerThanAPage_isShownAsAPage) {
  device.add_region(
      {.index = 2, .size = 0x100, .readable = true, .writable = true, .mappable = true});
  device.config32(reg::kBar0 + 8, 0);
  make();
  write(reg::kBar0 + 8, 4, UINT32_MAX);
  EXPECT_EQ(read(reg::kBar0 + 8, 4), 0xfffff000u);
}

TEST_F(PassedFunctionTest, Rom_isDecodedWhileItsOwnBitIsSetToo) {
  device.add_region({.index = pci_region::kRom, .size = 0x1000, .readable = true});
  device.bytes(pci_region::kRom)[1] = std::byte{0xaa};
  make();
  write(reg::kExpansionRom, 4, 0xfffff800);
  EXPECT_EQ(read(reg::kExpansionRom, 4), 0xfffff000u);
  constexpr uint32_t kRom = 0xc0100000;
  write(reg::kExpansionRom, 4, kRom);
  write(reg::kCommand, 2, reg::kCommandMemory);
  EXPECT_EQ(machine.memory.read(GuestAddress(kRom + 1), AccessSize::k1), 0xffu);
  write(reg::kExpansionRom, 4, kRom | reg::kRomEnable);
  EXPECT_EQ(machine.memory.read(GuestAddress(kRom + 1), AccessSize::k1), 0xaau);
  write(reg::kCommand, 2, 0);
  EXPECT_EQ(machine.memory.read(GuestAddress(kRom + 1), AccessSize::k1), 0xffu);
}

TEST_F(PassedFunctionTest, LegacyVga_isTheDevicesWhileTheGuestLetsItAnswer) {
  device.add_region(
      {.index = pci_region::kVga, .size = 0xc0000, .readable = true, .writable = true});
  make({.vga = true});
  EXPECT_EQ(device.config16(reg::kCommand), reg::kCommandPorts | reg::kCommandMemory);
  const auto text = [&](uint64_t value) {
    machine.memory.write(GuestAddress(0xb8000), AccessSize::k2, value);
    machine.ports.write(GuestAddress(0x3d4), AccessSize::k1, value >> 8);
  };
  text(0x1234);
  EXPECT_EQ(load_le<uint16_t>(&device.bytes(pci_region::kVga)[0xb8000]), 0u);
  EXPECT_EQ(machine.ports.read(GuestAddress(0x3d4), AccessSize::k1), 0xffu);
  write(reg::kCommand, 2, reg::kCommandMemory);
  text(0x1234);
  EXPECT_EQ(load_le<uint16_t>(&device.bytes(pci_region::kVga)[0xb8000]), 0x1234u);
  EXPECT_EQ(device.bytes(pci_region::kVga)[0x3d4], std::byte{0});
  write(reg::kCommand, 2, reg::kCommandPorts);
  text(0x5678);
  EXPECT_EQ(machine.ports.read(GuestAddress(0x3d4), AccessSize::k1), 0x56u);
  EXPECT_EQ(machine.memory.read(GuestAddress(0xb8000), AccessSize::k2), 0xffffu);
  // Ports beside them are not the device's.
  EXPECT_EQ(machine.ports.read(GuestAddress(0x3bc), AccessSize::k1), 0xffu);
  function.reset();
  EXPECT_TRUE(machine.ports.read(GuestAddress(0x3d4), AccessSize::k1) == 0xffu);
}

TEST_F(PassedFunctionTest, LegacyVgaThatTheDeviceLacks_isAnError) {
  EXPECT_THROW(make({.vga = true}), Error);
  device.set_info({.can_reset = true, .regions = 8, .irqs = 5});
  EXPECT_THROW(make({.vga = true}), Error);
}

TEST_F(PassedFunctionTest, Report_saysWhatIsMappedAndWhatExits) {
  make();
  place();
  for (int i = 0; i < 3; ++i) machine.memory.read(GuestAddress(kBar0 + 0x2900), AccessSize::k4);
  machine.memory.write(GuestAddress(kBar0 + 0x10), AccessSize::k4, 1);
  FunctionReport report = function->report();
  EXPECT_EQ(report.device, device.name());
  EXPECT_EQ(report.config_accesses, 2u);
  EXPECT_EQ(report.interrupts.kind, "INTx");
  EXPECT_EQ(report.interrupts.intx_way, "kernel");
  EXPECT_EQ(report.interrupts.intx_count, std::nullopt);
  ASSERT_EQ(report.bars.size(), 1u);
  EXPECT_EQ(report.bars[0].size, 0x4000u);
  EXPECT_EQ(report.bars[0].mapped, 0x3000u);
  EXPECT_EQ(report.bars[0].accesses, 4u);
  EXPECT_EQ(report.bars[0].pages, (std::vector<AccessCount::Page>{{0x2000, 3}, {0, 1}}));

  write(kMsix + reg::kMsixControl, 2, reg::kMsixEnable);
  unmask(1);
  write(reg::kCommand, 2, 0);
  report = function->report();
  EXPECT_EQ(report.interrupts.kind, "MSI-X");
  EXPECT_EQ(report.interrupts.vectors, 1u);
  EXPECT_EQ(report.interrupts.intx_way, "off");
  EXPECT_EQ(report.bars[0].mapped, 0u);
}

TEST_F(PassedFunctionTest, Report_countsTheFunctionResetsThatReachTheDevice) {
  constexpr uint16_t kExpress = 0x60;
  constexpr uint16_t kAdvanced = 0x90;
  device.add_capability(kExpress, reg::kCapExpress);
  device.config32(kExpress + reg::kExpressDeviceCapabilities, reg::kExpressFunctionReset);
  device.add_capability(kAdvanced, reg::kCapAdvancedFeatures);
  device.config8(kAdvanced + reg::kAdvancedCapabilities, reg::kAdvancedFunctionReset);
  make();
  constexpr uint16_t kControl = kExpress + reg::kExpressDeviceControl;
  write(kControl, 2, 0x7fff);
  write(kControl + 1, 1, 0x7f);
  write(kControl + 2, 2, 0x8000);
  write(kAdvanced + reg::kAdvancedControl, 1, 0xfe);
  EXPECT_EQ(function->report().guest_resets, 0u);
  write(kControl, 2, reg::kExpressInitiateReset);
  write(kControl, 4, reg::kExpressInitiateReset);
  write(kControl + 1, 1, reg::kExpressInitiateReset >> 8);
  EXPECT_EQ(function->report().guest_resets, 3u);
  write(kAdvanced + reg::kAdvancedControl, 1, reg::kAdvancedInitiateReset);
  EXPECT_EQ(function->report().guest_resets, 4u);
  device.vanish();
  write(kControl, 2, reg::kExpressInitiateReset);
  EXPECT_EQ(function->report().guest_resets, 4u);
}

TEST_F(PassedFunctionTest, Report_countsNoFunctionResetOfADeviceWithoutIt) {
  constexpr uint16_t kExpress = 0x60;
  device.add_capability(kExpress, reg::kCapExpress);
  make();
  write(kExpress + reg::kExpressDeviceControl, 2, reg::kExpressInitiateReset);
  EXPECT_EQ(function->report().guest_resets, 0u);
}

TEST_F(PassedFunctionTest, Report_countsNoFunctionResetThroughWhatIsHidden) {
  constexpr uint16_t kExpress = 0x60;
  device.add_capability(kExpress, reg::kCapExpress);
  device.config32(kExpress + reg::kExpressDeviceCapabilities, reg::kExpressFunctionReset);
  make({.config = {.hide = {"express"}}});
  write(kExpress + reg::kExpressDeviceControl, 2, reg::kExpressInitiateReset);
  EXPECT_EQ(function->report().guest_resets, 0u);
}

TEST_F(PassedFunctionTest, Report_countsResetsOfTheBusThatWereDone) {
  make();
  function->reset();
  EXPECT_EQ(function->report().guest_resets, 1u);
  device.fail("reset");
  function->reset();
  device.work("reset");
  device.lose();
  function->reset();
  EXPECT_EQ(function->report().guest_resets, 1u);
}

TEST(AccessCountTest, Pages_beyondTheCountersAreInTheSumAlone) {
  AccessCount count;
  for (uint64_t page = 0; page < 3 * AccessCount::kPages; ++page) {
    count.count(page * AccessCount::kPage + 8);
    if (page == 5) count.count(page * AccessCount::kPage);
  }
  EXPECT_EQ(count.total(), 3 * AccessCount::kPages + 1);
  EXPECT_EQ(count.top(99).size(), AccessCount::kPages);
  EXPECT_EQ(count.top(2), (std::vector<AccessCount::Page>{{5 * AccessCount::kPage, 2}, {0, 1}}));
}

TEST_F(PassedFunctionTest, PortBar_isTrapped) {
  device.add_region({.index = 2, .size = 0x20, .readable = true, .writable = true});
  device.config32(reg::kBar0 + 8, reg::kBarPort);
  make();
  write(reg::kBar0 + 8, 4, 0xc100);
  write(reg::kCommand, 2, reg::kCommandPorts);
  machine.ports.write(GuestAddress(0xc104), AccessSize::k2, 0xbeef);
  EXPECT_EQ(load_le<uint16_t>(&device.bytes(2)[4]), 0xbeef);
  EXPECT_EQ(device.config16(reg::kCommand), reg::kCommandPorts | reg::kCommandMemory);
}

}  // namespace
}  // namespace lintel::passthrough::pci
