// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/msi.h"

#include <gtest/gtest.h>

#include "tests/unit/pci/test_machine.h"
#include "vmm/base/error.h"

namespace lintel::pci {
namespace {

constexpr Bdf kBdf = at(0, 3);
using Sent = std::vector<MsiMessage>;

struct MsiTest : testing::Test {
  TestMachine machine;
  TestFunction function{machine.root.root_bus(), Devfn(3, 0)};
  Msi msi{function, 4};
  uint16_t base = function.config().find_capability(reg::kCapMsi);

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
  EXPECT_THROW(Msi(other, 3), Error);
  EXPECT_THROW(Msi(other, 64), Error);
}

}  // namespace
}  // namespace lintel::pci
