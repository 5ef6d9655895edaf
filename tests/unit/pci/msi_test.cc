// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/msi.h"

#include <gtest/gtest.h>

#include "tests/fakes/capabilities.h"
#include "tests/unit/pci/test_machine.h"
#include "vmm/base/error.h"

namespace lintel::pci {
namespace {

constexpr Bdf kBdf = at(0, 3);
using Sent = std::vector<MsiMessage>;

struct MsiTest : testing::Test {
  TestMachine machine;
  TestFunction function{machine.root.root_bus(), Devfn(3, 0)};
  Msi msi{function, {.vectors = 4}};
  uint16_t base = find_capability(function.config(), reg::kCapMsi);

  void write(uint16_t offset, unsigned size, uint64_t value) {
    machine.write(kBdf, static_cast<uint16_t>(base + offset), size, value);
  }
  uint64_t read(uint16_t offset, unsigned size) {
    return machine.read(kBdf, static_cast<uint16_t>(base + offset), size);
  }
  void program(unsigned granted_log2) {
    write(reg::kMsiAddress, 8, 0xfee01000);
    write(reg::kMsiData, 2, 0x4033);
    write(reg::kMsiControl, 2, reg::kMsiEnable | granted_log2 << 4);
  }
};

TEST_F(MsiTest, Control_tellsFourVectors64BitAndMasks) {
  EXPECT_EQ(read(reg::kMsiControl, 2), 0x0184u);
}

// PCI Local Bus 3.0, 6.8.1.6: the function modifies the low bits of the data.
TEST_F(MsiTest, Trigger_putsTheVectorIntoTheData) {
  msi.trigger(0);
  EXPECT_TRUE(machine.msi.take().empty());
  program(2);
  msi.trigger(0);
  msi.trigger(3);
  EXPECT_EQ(machine.msi.take(), (Sent{{0xfee01000, 0x4030}, {0xfee01000, 0x4033}}));
}

TEST_F(MsiTest, FewerVectorsGranted_areShared) {
  program(0);
  msi.trigger(2);
  EXPECT_EQ(machine.msi.take(), (Sent{{0xfee01000, 0x4033}}));
  program(7);
  msi.trigger(3);
  EXPECT_EQ(machine.msi.take(), (Sent{{0xfee01000, 0x4033}}));
}

TEST_F(MsiTest, Masked_isPendingAndSentAtUnmask) {
  program(2);
  write(reg::kMsiMask, 4, 0x2);
  msi.trigger(1);
  EXPECT_TRUE(machine.msi.take().empty());
  EXPECT_EQ(read(reg::kMsiPending, 4), 2u);
  write(reg::kMsiMask, 4, 0);
  EXPECT_EQ(machine.msi.take(), (Sent{{0xfee01000, 0x4031}}));
  EXPECT_EQ(read(reg::kMsiPending, 4), 0u);
}

TEST_F(MsiTest, Reset_unroutes) {
  program(2);
  msi.reset();
  machine.root.reset();
  msi.trigger(0);
  EXPECT_TRUE(machine.msi.take().empty());
  program(2);
  msi.trigger(0);
  EXPECT_EQ(machine.msi.take().size(), 1u);
}

TEST_F(MsiTest, CountThatIsNoPowerOfTwo_isRefused) {
  TestFunction other(machine.root.root_bus(), Devfn(4, 0));
  EXPECT_THROW(Msi(other, {.vectors = 3}), Error);
  EXPECT_THROW(Msi(other, {.vectors = 64}), Error);
}

// PCI Local Bus 3.0, figure 6-9: four sizes of the capability.
TEST(MsiLayout, Size_followsTheFlavour) {
  EXPECT_EQ((MsiLayout{.address64 = true, .per_vector_masks = true}.size()), 24);
  EXPECT_EQ((MsiLayout{.address64 = false, .per_vector_masks = true}.size()), 20);
  EXPECT_EQ((MsiLayout{.address64 = true, .per_vector_masks = false}.size()), 14);
  EXPECT_EQ((MsiLayout{.address64 = false, .per_vector_masks = false}.size()), 10);
}

class CountingObserver final : public MsiObserver {
 public:
  void msi_enabled(std::span<MsiVector* const> vectors) override {
    in_use.assign(vectors.begin(), vectors.end());
    // With eventfds before the routes, all routes are one change.
    for (MsiVector* vector : vectors) {
      routed_before = routed_before || static_cast<FakeMsiVector*>(vector)->routed();
    }
    ++enabled;
  }
  void msi_disabled() override {
    in_use.clear();
    ++disabled;
  }

  std::vector<MsiVector*> in_use;
  unsigned enabled = 0;
  unsigned disabled = 0;
  bool routed_before = false;
};

struct ForwardedMsiTest : testing::Test {
  static constexpr uint8_t kAt = 0x60;

  TestMachine machine;
  TestFunction function{machine.root.root_bus(), Devfn(3, 0)};
  CountingObserver observer;

  void write(uint16_t offset, unsigned size, uint64_t value) {
    machine.write(kBdf, static_cast<uint16_t>(kAt + offset), size, value);
  }
  uint64_t read(uint16_t offset, unsigned size) {
    return machine.read(kBdf, static_cast<uint16_t>(kAt + offset), size);
  }
};

TEST_F(ForwardedMsiTest, Address32_hasTheDataRightBehindIt) {
  Msi msi(function, {.address64 = false, .per_vector_masks = false, .offset = kAt}, &observer);
  EXPECT_EQ(read(reg::kMsiControl, 2), 0u);
  write(4, 4, 0xfee02000);
  write(8, 2, 0x55);
  write(reg::kMsiControl, 2, reg::kMsiEnable);
  msi.trigger(0);
  EXPECT_EQ(machine.msi.take(), (Sent{{0xfee02000, 0x55}}));
}

TEST_F(ForwardedMsiTest, Observer_getsAllVectorsThatWereGrantedAtOnce) {
  Msi msi(function, {.vectors = 8, .offset = kAt}, &observer);
  write(reg::kMsiControl, 2, reg::kMsiEnable | 2 << 4);
  EXPECT_EQ(observer.in_use.size(), 4u);
  write(reg::kMsiMask, 4, 0xf);
  EXPECT_EQ(observer.enabled, 1u);
  write(reg::kMsiControl, 2, reg::kMsiEnable | 1 << 4);
  EXPECT_EQ(observer.in_use.size(), 2u);
  EXPECT_EQ(observer.disabled, 1u);
  write(reg::kMsiControl, 2, 0);
  EXPECT_TRUE(observer.in_use.empty());
  EXPECT_EQ(observer.disabled, 2u);
}

TEST_F(ForwardedMsiTest, AllVectors_areRoutedByOneChange) {
  Msi msi(function, {.vectors = 32, .per_vector_masks = false, .offset = kAt}, &observer);
  write(reg::kMsiAddress, 4, 0xfee01000);
  write(reg::kMsiControl, 2, reg::kMsiEnable | 5 << 4);
  EXPECT_EQ(observer.in_use.size(), 32u);
  EXPECT_FALSE(observer.routed_before);
  EXPECT_EQ(machine.msi.take_changes(), std::vector<size_t>{32});
  write(reg::kMsiAddress, 4, 0xfee02000);
  EXPECT_EQ(machine.msi.take_changes(), std::vector<size_t>{32});
  EXPECT_EQ(machine.msi.vectors()[31]->routed(), (MsiMessage{0xfee02000, 31}));
}

TEST_F(ForwardedMsiTest, SignalOfAMaskedVector_isShownAsPending) {
  Msi msi(function, {.vectors = 2, .offset = kAt}, &observer);
  write(reg::kMsiControl, 2, reg::kMsiEnable | 1 << 4);
  write(reg::kMsiMask, 4, 2);
  FakeMsiVector& vector = *machine.msi.vectors()[1];
  vector.signal_event();
  msi.update_pending();
  EXPECT_EQ(read(reg::kMsiPending, 4), 2u);
  write(reg::kMsiMask, 4, 0);
  EXPECT_TRUE(vector.deliver_event());
  msi.update_pending();
  EXPECT_EQ(read(reg::kMsiPending, 4), 0u);
}

TEST_F(ForwardedMsiTest, SignalFromBeforeTheDriverWasGone_isDropped) {
  Msi msi(function, {.vectors = 1, .offset = kAt}, &observer);
  write(reg::kMsiControl, 2, reg::kMsiEnable);
  write(reg::kMsiMask, 4, 1);
  machine.msi.vectors()[0]->signal_event();
  write(reg::kMsiControl, 2, 0);
  write(reg::kMsiMask, 4, 0);
  write(reg::kMsiControl, 2, reg::kMsiEnable);
  EXPECT_FALSE(machine.msi.vectors()[0]->deliver_event());
}

}  // namespace
}  // namespace lintel::pci
