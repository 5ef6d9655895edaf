// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/msix.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fakes/capabilities.h"
#include "tests/unit/pci/test_machine.h"
#include "vmm/base/error.h"

namespace lintel::pci {
namespace {

constexpr Bdf kBdf = at(0, 3);
constexpr uint16_t kVectors = 70;
using Sent = std::vector<MsiMessage>;

class RecordingObserver final : public MsixObserver {
 public:
  void vector_routed(uint16_t vector, MsiVector& msi) override {
    // With an eventfd before the route, many routes are one change.
    EXPECT_FALSE(static_cast<FakeMsiVector&>(msi).routed());
    events.push_back(fmt::format("routed {}", vector));
  }
  void vector_unrouted(uint16_t vector) override {
    events.push_back(fmt::format("unrouted {}", vector));
  }
  uint32_t pending_at_device(uint16_t first) override { return at_device[first / 32]; }
  std::vector<std::string> events;
  std::array<uint32_t, 3> at_device{};
};

struct MsixTest : testing::Test {
  TestMachine machine;
  RecordingObserver observer;
  TestFunction function{machine.root.root_bus(), Devfn(3, 0)};
  Msix msix{function, MsixLayout::in_bar(1, 0, kVectors), &observer};
  uint16_t control =
      static_cast<uint16_t>(find_capability(function.config(), reg::kCapMsix) + reg::kMsixControl);

  void set_control(uint16_t value) { machine.write(kBdf, control, 2, value); }
  void program(uint16_t vector, MsiMessage message) {
    msix.write_table(vector * 16u, AccessSize::k8, message.address);
    msix.write_table(vector * 16u + 8, AccessSize::k4, message.data);
  }
  void mask(uint16_t vector, bool masked) {
    msix.write_table(vector * 16u + 12, AccessSize::k4, masked ? 1 : 0);
  }
  bool pending(uint16_t vector) {
    return (msix.read_pba(vector / 64 * 8, AccessSize::k8) >> (vector % 64) & 1) != 0;
  }
};

constexpr MsiMessage kMessage{0xfee01000, 0x4031};

// PCI Local Bus 3.0, 6.8.2.3: table size is N-1; 6.8.2.4, 6.8.2.5: offset and BIR.
TEST_F(MsixTest, Capability_describesTheTable) {
  EXPECT_EQ(machine.read(kBdf, control, 2), kVectors - 1u);
  EXPECT_EQ(machine.read(kBdf, control + 2, 4), 1u);
  EXPECT_EQ(machine.read(kBdf, control + 6, 4), 0x1001u);
  set_control(0xffff);
  EXPECT_EQ(machine.read(kBdf, control, 2), 0xc000u | (kVectors - 1));
}

TEST_F(MsixTest, Layout_leavesThePendingBitsAPageOfTheirOwn) {
  const MsixLayout layout = MsixLayout::in_bar(0, 0x2000, 300);
  EXPECT_EQ(layout.pba_offset, 0x4000u);
  EXPECT_EQ(layout.size(), 0x3000u);
}

TEST_F(MsixTest, Entries_areMaskedAfterReset) {
  EXPECT_EQ(msix.read(12, AccessSize::k4), 1u);
  program(2, kMessage);
  mask(2, false);
  set_control(reg::kMsixEnable);
  msix.trigger(2);
  EXPECT_EQ(machine.msi.take(), Sent{kMessage});
  msix.reset();
  machine.root.reset();
  EXPECT_EQ(msix.read(2 * 16 + 12, AccessSize::k4), 1u);
  EXPECT_EQ(msix.read(2 * 16, AccessSize::k8), 0u);
  EXPECT_FALSE(msix.enabled());
  msix.trigger(2);
  EXPECT_TRUE(machine.msi.take().empty());
}

TEST_F(MsixTest, Trigger_sendsTheProgrammedMessage) {
  program(0, kMessage);
  mask(0, false);
  msix.trigger(0);
  EXPECT_TRUE(machine.msi.take().empty()) << "MSI-X is off";
  set_control(reg::kMsixEnable);
  msix.trigger(0);
  EXPECT_EQ(machine.msi.take(), Sent{kMessage});
  ASSERT_EQ(machine.msi.vectors().size(), 1u);
  EXPECT_EQ(machine.msi.vectors()[0]->requester(), kBdf.value());
}

// 6.8.2.2: "if a masked vector has its Pending bit set, the function ... sends the message when
// the vector is unmasked".
TEST_F(MsixTest, TriggerWhileMasked_isPendingAndSentAtUnmask) {
  set_control(reg::kMsixEnable);
  program(69, kMessage);
  msix.trigger(69);
  msix.trigger(69);
  EXPECT_TRUE(machine.msi.take().empty());
  EXPECT_TRUE(pending(69));
  EXPECT_FALSE(pending(68));
  mask(69, false);
  EXPECT_EQ(machine.msi.take(), Sent{kMessage});
  EXPECT_FALSE(pending(69));
}

TEST_F(MsixTest, FunctionMask_holdsAllVectorsBack) {
  for (const uint16_t vector : {uint16_t{0}, uint16_t{1}}) {
    program(vector, {0xfee00000, vector});
    mask(vector, false);
  }
  set_control(reg::kMsixEnable | reg::kMsixFunctionMask);
  msix.trigger(0);
  msix.trigger(1);
  EXPECT_TRUE(pending(0));
  EXPECT_TRUE(pending(1));
  mask(1, true);
  set_control(reg::kMsixEnable);
  EXPECT_EQ(machine.msi.take(), (Sent{{0xfee00000, 0}}));
  EXPECT_TRUE(pending(1));
}

TEST_F(MsixTest, DisabledWhilePending_forgets) {
  set_control(reg::kMsixEnable);
  program(0, kMessage);
  msix.trigger(0);
  set_control(0);
  EXPECT_FALSE(pending(0));
  set_control(reg::kMsixEnable);
  mask(0, false);
  EXPECT_TRUE(machine.msi.take().empty());
}

TEST_F(MsixTest, SignalOfAMaskedVector_isPendingUntilItIsSent) {
  set_control(reg::kMsixEnable);
  program(3, kMessage);
  ASSERT_GE(msix.event_fd(3), 0);
  machine.msi.vectors()[0]->signal_event();
  EXPECT_EQ(msix.read_pba(0, AccessSize::k8), 8u);
  mask(3, false);
  EXPECT_EQ(msix.read_pba(0, AccessSize::k8), 0u);
  EXPECT_TRUE(machine.msi.vectors()[0]->deliver_event());
}

TEST_F(MsixTest, SignalFromBeforeItWasSwitchedOff_isDropped) {
  set_control(reg::kMsixEnable);
  program(3, kMessage);
  ASSERT_GE(msix.event_fd(3), 0);
  machine.msi.vectors()[0]->signal_event();
  set_control(0);
  EXPECT_EQ(msix.read_pba(0, AccessSize::k8), 0u);
}

TEST_F(MsixTest, MessageChangedWhileRouted_isUsedNext) {
  set_control(reg::kMsixEnable);
  program(0, kMessage);
  mask(0, false);
  msix.write_table(8, AccessSize::k4, 0x99);
  msix.trigger(0);
  EXPECT_EQ(machine.msi.take(), (Sent{{kMessage.address, 0x99}}));
}

TEST_F(MsixTest, RewritingTheSameValues_changesNoRoute) {
  set_control(reg::kMsixEnable);
  program(0, kMessage);
  mask(0, false);
  ASSERT_EQ(machine.msi.vectors().size(), 1u);
  const unsigned before = machine.msi.vectors()[0]->route_changes();
  program(0, kMessage);
  mask(0, false);
  set_control(reg::kMsixEnable);
  EXPECT_EQ(machine.msi.vectors()[0]->route_changes(), before);
}

TEST_F(MsixTest, Vectors_areMadeWhenFirstUsed) {
  set_control(reg::kMsixEnable);
  for (uint16_t vector = 0; vector < kVectors; ++vector) program(vector, kMessage);
  EXPECT_TRUE(machine.msi.vectors().empty());
  mask(5, false);
  EXPECT_EQ(machine.msi.vectors().size(), 1u);
  EXPECT_GE(msix.event_fd(6), 0);
  EXPECT_EQ(machine.msi.vectors().size(), 2u);
}

TEST_F(MsixTest, Observer_seesVectorsComeAndGo) {
  set_control(reg::kMsixEnable);
  program(3, kMessage);
  mask(3, false);
  program(3, {0xfee02000, 1});
  mask(3, true);
  mask(3, false);
  set_control(0);
  EXPECT_EQ(observer.events,
            (std::vector<std::string>{"routed 3", "unrouted 3", "routed 3", "unrouted 3"}));
}

TEST_F(MsixTest, FunctionMask_changesTheRoutesOfAllVectorsAtOnce) {
  set_control(reg::kMsixEnable | reg::kMsixFunctionMask);
  for (const uint16_t vector : {0, 7, 69}) {
    program(vector, kMessage);
    mask(vector, false);
  }
  msix.trigger(7);
  EXPECT_TRUE(machine.msi.take_changes().empty());
  set_control(reg::kMsixEnable);
  EXPECT_EQ(machine.msi.take_changes(), std::vector<size_t>{3});
  EXPECT_EQ(observer.events, (std::vector<std::string>{"routed 0", "routed 7", "routed 69"}));
  EXPECT_EQ(machine.msi.take(), Sent{kMessage}) << "the one that waited";
  set_control(reg::kMsixEnable | reg::kMsixFunctionMask);
  EXPECT_EQ(machine.msi.take_changes(), std::vector<size_t>{3});
}

TEST_F(MsixTest, PendingBitsOfTheDevice_areShownWithOurs) {
  observer.at_device = {1u << 31, 1u, 1u << 5 | 1u << 6};
  EXPECT_EQ(msix.read_pba(0, AccessSize::k8), 0u);
  set_control(reg::kMsixEnable);
  msix.trigger(30);
  EXPECT_EQ(msix.read_pba(0, AccessSize::k8), 1ull << 32 | 1u << 31 | 1u << 30);
  EXPECT_EQ(msix.read_pba(3, AccessSize::k1), 0xc0u);
  EXPECT_EQ(msix.read_pba(4, AccessSize::k4), 1u);
  // There are 70.
  EXPECT_EQ(msix.read_pba(8, AccessSize::k8), 1u << 5);
}

TEST_F(MsixTest, VectorThatDoesNotExist_isIgnored) {
  set_control(reg::kMsixEnable);
  msix.trigger(kVectors);
  msix.trigger(UINT16_MAX);
  EXPECT_EQ(msix.event_fd(kVectors), -1);
  EXPECT_EQ(msix.read_table(kVectors * 16u, AccessSize::k8), 0u);
  msix.write_table(kVectors * 16u + 12, AccessSize::k4, 0);
  EXPECT_TRUE(machine.msi.vectors().empty());
}

TEST_F(MsixTest, HostWithoutVectors_keepsTheInterruptPending) {
  machine.msi.limit(0);
  set_control(reg::kMsixEnable);
  program(0, kMessage);
  mask(0, false);
  msix.trigger(0);
  EXPECT_TRUE(pending(0));
  EXPECT_EQ(msix.event_fd(0), -1);
  machine.msi.limit(1);
  mask(0, false);
  EXPECT_EQ(machine.msi.take(), Sent{kMessage});
}

TEST_F(MsixTest, AccessAcrossEntries_reachesBoth) {
  msix.write_table(12, AccessSize::k8, 0xfee0000300000000);
  EXPECT_EQ(msix.read_table(12, AccessSize::k4), 0u);
  EXPECT_EQ(msix.read_table(16, AccessSize::k4), 0xfee00000u) << "bits 1:0 are always zero";
  msix.write_table(18, AccessSize::k2, 0xabcd);
  EXPECT_EQ(msix.read_table(16, AccessSize::k4), 0xabcd0000u);
}

TEST_F(MsixTest, PendingBits_areBehindTheTableAndReadOnly) {
  set_control(reg::kMsixEnable);
  msix.trigger(1);
  EXPECT_EQ(msix.read(0x1000, AccessSize::k8), 2u);
  EXPECT_EQ(msix.read(kVectors * 16u, AccessSize::k4), 0u);
  msix.write(0x1000, AccessSize::k8, 0);
  EXPECT_TRUE(pending(1));
}

TEST_F(MsixTest, LayoutThatCannotBe_isRefused) {
  TestFunction other(machine.root.root_bus(), Devfn(4, 0));
  EXPECT_THROW(Msix(other, {.vectors = 0}), Error);
  EXPECT_THROW(Msix(other, {.vectors = 2049}), Error);
  EXPECT_THROW(Msix(other, {.table_bar = 6}), Error);
  EXPECT_THROW(Msix(other, {.table_offset = 4}), Error);
}

}  // namespace
}  // namespace lintel::pci
