// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/config_space.h"

#include <array>

#include <gtest/gtest.h>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/pci/config_regs.h"

namespace lintel::pci {
namespace {

struct ConfigSpaceTest : testing::Test {
  alignas(4096) std::array<std::byte, kConfigSize> bytes{};
  ConfigSpace config{ConfigStorage(bytes)};
};

TEST_F(ConfigSpaceTest, Write_ofReadOnlyBits_changesNothing) {
  config.define32(0x40, 0x12345678, 0x0000ff00);
  config.write(0x40, 4, 0xffffffff);
  EXPECT_EQ(config.read32(0x40), 0x1234ff78u);
}

TEST_F(ConfigSpaceTest, Write_ofOneByte_leavesItsNeighbours) {
  config.define32(0x40, 0, UINT32_MAX);
  config.write(0x41, 1, 0xab);
  config.write(0x42, 2, 0xcdef);
  EXPECT_EQ(config.read32(0x40), 0xcdefab00u);
  EXPECT_EQ(config.read(0x41, 3), 0xcdefabu);
}

// PCI Local Bus 3.0, 6.2.3: "A one in a bit clears the bit, a zero leaves it".
TEST_F(ConfigSpaceTest, Write_ofClearByOneBits_clearsThoseWrittenAsOnes) {
  config.define({.offset = 0x42, .size = 2, .value = 0xf100, .clear_by_one = 0xf100});
  config.write(0x42, 2, 0x8000);
  EXPECT_EQ(config.read16(0x42), 0x7100);
  config.write(0x43, 1, 0x71);
  EXPECT_EQ(config.read16(0x42), 0);
}

TEST_F(ConfigSpaceTest, Bytes_areWhatAReadReturns) {
  config.define32(0x40, 0x11223344, UINT32_MAX);
  config.write(0x40, 2, 0xbeef);
  EXPECT_EQ(load_le<uint32_t>(bytes.data() + 0x40), 0x1122beefu);
}

TEST_F(ConfigSpaceTest, Update_changesReadOnlyBits) {
  config.define32(0x40, 0, 0);
  config.update(0x42, 2, 0x00f0, 0xffff);
  EXPECT_EQ(config.read32(0x40), 0x00f00000u);
}

TEST_F(ConfigSpaceTest, Reset_restoresDefinedValuesOnly) {
  config.define32(0x40, 5, UINT32_MAX);
  config.write(0x40, 4, 77);
  config.update(0x800, 4, UINT32_MAX, 1);
  config.reset();
  EXPECT_EQ(config.read32(0x40), 5u);
  EXPECT_EQ(config.read32(0x800), 0u);
}

// PCI Local Bus 3.0, 6.7: status bit 4, a list from 0x34 whose last next pointer is 0.
TEST_F(ConfigSpaceTest, Capabilities_areChainedInOrder) {
  EXPECT_EQ(config.read16(reg::kStatus) & reg::kStatusCapabilities, 0);
  const uint8_t first = config.add_capability(0x01, 6);
  const uint8_t second = config.add_capability(0x11, 12);
  EXPECT_EQ(config.read16(reg::kStatus) & reg::kStatusCapabilities, reg::kStatusCapabilities);
  EXPECT_EQ(config.read8(reg::kCapabilityPointer), first);
  EXPECT_EQ(config.read8(first), 0x01);
  EXPECT_EQ(config.read8(first + 1), second);
  EXPECT_EQ(config.read8(second), 0x11);
  EXPECT_EQ(config.read8(second + 1), 0);
  EXPECT_EQ(second % 4, 0);
  EXPECT_GE(second, first + 6);
}

TEST_F(ConfigSpaceTest, Capability_afterStatusWasDefined_keepsItsErrorBits) {
  config.define({.offset = reg::kStatus, .size = 2, .clear_by_one = reg::kStatusErrors});
  config.add_capability(0x01, 8);
  config.update(reg::kStatus, 2, 0x8000, 0x8000);
  config.write(reg::kStatus, 2, 0x8000);
  EXPECT_EQ(config.read16(reg::kStatus), reg::kStatusCapabilities);
}

TEST_F(ConfigSpaceTest, Capability_survivesReset) {
  const uint8_t first = config.add_capability(0x01, 8);
  const uint8_t second = config.add_capability(0x11, 12);
  config.reset();
  EXPECT_EQ(config.read8(reg::kCapabilityPointer), first);
  EXPECT_EQ(config.read16(first), 0x01 | second << 8);
  EXPECT_EQ(config.read16(second), 0x11);
}

TEST_F(ConfigSpaceTest, Capability_beyondTheFirst256Bytes_isRefused) {
  config.add_capability(0x09, 0xb0);
  EXPECT_NO_THROW(config.add_capability(0x09, 0x10));
  EXPECT_THROW(config.add_capability(0x09, 2), Error);
}

}  // namespace
}  // namespace lintel::pci
