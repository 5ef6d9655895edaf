// SPDX-License-Identifier: Apache-2.0
#include "passthrough/typed_region.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_vfio_device.h"

namespace lintel::passthrough {
namespace {

constexpr RegionType kOpRegion{0x80008086, 1};
constexpr RegionType kHostBridge{0x80008086, 2};

struct TypedRegionTest : testing::Test {
  FakeVfioDevice device;

  void has(uint32_t index, uint64_t size, const RegionType& type) {
    device.add_region({.index = index, .size = size, .readable = true, .type = type});
  }
  void claims(uint32_t regions) {
    device.set_info({.kind = DeviceKind::kPci, .can_reset = true, .regions = regions, .irqs = 5});
  }
};

TEST_F(TypedRegionTest, Region_isFoundByTypeAndSubtype) {
  claims(12);
  has(10, 0x2000, kOpRegion);
  has(11, 0x1000, kHostBridge);
  const auto found = find_typed_region(device, kHostBridge);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->index, 11u);
  EXPECT_EQ(found->size, 0x1000u);
  EXPECT_FALSE(find_typed_region(device, {0x80008086, 3}));
}

TEST_F(TypedRegionTest, FixedAndEmptyRegions_haveNoType) {
  claims(11);
  has(pci_region::kVga, 0x1000, kOpRegion);
  has(9, 0, kOpRegion);
  EXPECT_FALSE(find_typed_region(device, kOpRegion));
  has(10, 0x1000, kOpRegion);
  EXPECT_EQ(find_typed_region(device, kOpRegion).value().index, 10u);
}

TEST_F(TypedRegionTest, RegionBehindThoseThatTheDeviceHas_isNotAskedFor) {
  claims(pci_region::kFirstTyped);
  has(pci_region::kFirstTyped, 0x1000, kOpRegion);
  EXPECT_FALSE(find_typed_region(device, kOpRegion));
}

TEST_F(TypedRegionTest, DeviceThatClaimsAnyNumber_isAskedForSome) {
  claims(UINT32_MAX);
  has(pci_region::kFirstTyped + 63, 0x1000, kHostBridge);
  has(pci_region::kFirstTyped + 64, 0x1000, kOpRegion);
  EXPECT_TRUE(find_typed_region(device, kHostBridge));
  EXPECT_FALSE(find_typed_region(device, kOpRegion));
}

}  // namespace
}  // namespace lintel::passthrough
