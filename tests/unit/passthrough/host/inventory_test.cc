// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/inventory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/passthrough/host/fake_host.h"

namespace lintel::passthrough::host {
namespace {

using ::testing::ElementsAre;

constexpr PciAddress kGpu{0, lintel::pci::Bdf(1, lintel::pci::Devfn(0, 0))};

TEST(PciAddress, has_two_spellings) {
  EXPECT_EQ(parse_address("0000:01:00.0"), kGpu);
  EXPECT_EQ(parse_address("01:00.0"), kGpu);
  EXPECT_EQ(to_string(kGpu), "0000:01:00.0");
  EXPECT_EQ(parse_address("10000:e1:1f.7"),
            (PciAddress{0x10000, lintel::pci::Bdf(0xe1, lintel::pci::Devfn(0x1f, 7))}));
  for (const char* bad : {"", "01:00", "1:2:3:4", "0000:01:20.0", "0000:01:00.8", "g000:01:00.0",
                          "0000:01:00.0 ", "10de:2684", "000000001:01:00.0"}) {
    EXPECT_FALSE(parse_address(bad)) << bad;
  }
  EXPECT_EQ(parse_ids("10de:2684"), (PciIds{0x10de, 0x2684}));
  for (const char* bad : {"", "10de", "10de:268", "10de:26844", "10dg:2684", "10de-2684"}) {
    EXPECT_FALSE(parse_ids(bad)) << bad;
  }
}

TEST(Inventory, reads_what_sysfs_says) {
  FakeHost host;
  host.add({});
  host.write(FakeHost::folder("0000:01:00.0") + "/boot_vga", "1\n");
  host.write(FakeHost::folder("0000:01:00.0") + "/rom", "");
  host.write(FakeHost::folder("0000:01:00.0") + "/numa_node", "1\n");
  host.write(FakeHost::folder("0000:01:00.0") + "/resource1_resize", "00000000000007c0\n");
  host.write("/sys/kernel/iommu_groups/14/reserved_regions",
             "0x00000000fee00000 0x00000000feefffff msi\n0x1000 0x1fff direct\nnonsense\n");
  const Inventory inventory = take_inventory(host.tree());
  ASSERT_EQ(inventory.functions.size(), 1U);
  const HostFunction& gpu = inventory.functions[0];
  EXPECT_EQ(gpu.address, kGpu);
  EXPECT_EQ(gpu.ids, (PciIds{0x10de, 0x2684}));
  EXPECT_FALSE(gpu.is_bridge());
  EXPECT_EQ(gpu.driver, "nvidia");
  EXPECT_EQ(gpu.group, 14U);
  EXPECT_EQ(gpu.d3cold_allowed, true);
  EXPECT_EQ(gpu.power_control, "on");
  EXPECT_EQ(gpu.numa_node, 1);
  EXPECT_TRUE(gpu.boot_vga);
  EXPECT_TRUE(gpu.has_rom);
  EXPECT_THAT(gpu.reset_methods, ElementsAre("flr", "bus"));
  ASSERT_EQ(gpu.bars.size(), 2U);
  EXPECT_EQ(gpu.bars[0].size, 16U << 20);
  EXPECT_FALSE(gpu.bars[0].wide);
  EXPECT_EQ(gpu.bars[0].sizes, 0U);
  EXPECT_EQ(gpu.bars[1].size, 256U << 20);
  EXPECT_TRUE(gpu.bars[1].wide);
  EXPECT_TRUE(gpu.bars[1].prefetchable);
  EXPECT_EQ(gpu.bars[1].sizes, 0x7c0U);
  EXPECT_TRUE(inventory.has_iommu);
  const IommuGroup* group = inventory.group(14);
  ASSERT_NE(group, nullptr);
  EXPECT_EQ(group->type, "DMA");
  EXPECT_THAT(group->members, ElementsAre(kGpu));
  ASSERT_EQ(group->reserved.size(), 2U);
  EXPECT_EQ(group->reserved[1].range, (GuestRange{GuestAddress(0x1000), 0x1000}));
  EXPECT_EQ(group->reserved[1].type, "direct");
}

// A device-tree host: groups exist, but this device's is made when a driver is probed.
TEST(Inventory, function_without_a_group_yet_is_no_host_without_iommu) {
  FakeHost host;
  host.add({.driver = "", .group = std::nullopt});
  EXPECT_FALSE(take_inventory(host.tree()).has_iommu);
  host.write("/sys/class/iommu/smmu3.0x0000000009050000/x", "");
  const Inventory inventory = take_inventory(host.tree());
  EXPECT_TRUE(inventory.has_iommu);
  EXPECT_FALSE(inventory.functions.at(0).group);
  EXPECT_EQ(inventory.group(inventory.functions.at(0).group), nullptr);
}

TEST(Inventory, host_without_pci_has_nothing) {
  FakeHost host;
  EXPECT_TRUE(take_inventory(host.tree()).functions.empty());
}

TEST(Classes, have_names_of_their_own_or_their_base_class) {
  EXPECT_EQ(class_name(0x030000), "VGA controller");
  EXPECT_EQ(class_name(0x010802), "NVMe controller");
  EXPECT_EQ(class_name(0x027700), "Network controller");
  EXPECT_EQ(class_name(0xff0000), "class 0xff");
}

TEST(ProductNames, come_from_the_hosts_list) {
  FakeHost host;
  const PciIds ids[] = {{0x10de, 0x2684}, {0x10de, 0xffff}, {0xabcd, 0x0001}};
  EXPECT_THAT(product_names(host.tree(), ids), ElementsAre("", "", ""));
  host.write("/usr/share/misc/pci.ids",
             "# comment\n10dd  Other\n\t2684  Wrong\n10de  NVIDIA Corporation\n"
             "\t2684  AD102 [GeForce RTX 4090]\n\t\t10de 16f4  A subsystem\n"
             "C 03  Display controller\n\t00  VGA\n");
  EXPECT_THAT(product_names(host.tree(), ids),
              ElementsAre("NVIDIA Corporation AD102 [GeForce RTX 4090]", "NVIDIA Corporation", ""));
}

}  // namespace
}  // namespace lintel::passthrough::host
