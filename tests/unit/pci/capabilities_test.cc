// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/capabilities.h"

#include <array>

#include <gtest/gtest.h>

namespace lintel::pci {
namespace {

struct CapabilitiesTest : testing::Test {
  alignas(4096) std::array<std::byte, kConfigSize> bytes{};
  ConfigSpace config{ConfigStorage(bytes)};

  uint32_t read32(uint8_t base, unsigned offset) {
    return config.read32(static_cast<uint16_t>(base + offset));
  }
  uint16_t read16(uint8_t base, unsigned offset) {
    return config.read16(static_cast<uint16_t>(base + offset));
  }
};

// PCI Express Base 5.0, 7.5.3.2: a root complex integrated endpoint has no link registers.
TEST_F(CapabilitiesTest, IntegratedEndpoint_hasNoLink) {
  const uint8_t base = add_express(config, ExpressType::kIntegratedEndpoint);
  EXPECT_EQ(read16(base, 2), 0x0092);
  EXPECT_EQ(read32(base, 0x0c), 0u);
  EXPECT_EQ(read16(base, 0x12), 0);
}

TEST_F(CapabilitiesTest, Endpoint_runsAtFullSpeedAndWidth) {
  const uint8_t base = add_express(config, ExpressType::kEndpoint, {.speed = 3, .width = 8});
  EXPECT_EQ(read16(base, 2), 0x0002);
  EXPECT_EQ(read32(base, 0x0c) & 0x3ff, 0x83u);
  EXPECT_EQ(read16(base, 0x12) & 0x3ff, 0x83);
  EXPECT_EQ(read32(base, 0x2c), 0x0eu) << "2.5, 5 and 8 GT/s";
}

TEST_F(CapabilitiesTest, RootPort_hasALinkThatIsUpAndASlotThatIsNotHotPluggable) {
  const uint8_t base =
      add_express(config, ExpressType::kRootPort, {.speed = 4, .width = 16, .port = 2, .slot = 5});
  EXPECT_EQ(read16(base, 2), 0x0142);
  EXPECT_EQ(read32(base, 0x0c) >> 24, 2u);
  EXPECT_NE(read32(base, 0x0c) & 1u << 20, 0u) << "link active reporting";
  EXPECT_NE(read16(base, 0x12) & 1 << 13, 0) << "link active";
  EXPECT_EQ(read32(base, 0x14) >> 19, 5u);
  EXPECT_EQ(read32(base, 0x14) & 0x60, 0u) << "hot-plug surprise and capable";
  EXPECT_NE(read16(base, 0x1a) & 1 << 6, 0) << "presence detect";
}

}  // namespace
}  // namespace lintel::pci
