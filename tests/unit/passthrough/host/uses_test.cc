// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/uses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/passthrough/host/fake_host.h"

namespace lintel::passthrough::host {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DiskUses : public ::testing::Test {
 protected:
  DiskUses() {
    host_.add({.ids = "144d:a80a", .class_code = "0x010802", .driver = "nvme"});
    host_.add_disk("0000:01:00.0", "nvme0n1", 2);
  }
  Uses find() const {
    const Inventory inventory = take_inventory(host_.tree());
    return UseFinder(host_.tree()).find(inventory.functions.at(0));
  }
  // "PARTITION: WHAT", and the steps.
  std::vector<std::string> texts() const {
    std::vector<std::string> out;
    for (const DiskUse& use : find().disk_uses) out.push_back(use.disk + ": " + use.what);
    return out;
  }
  std::vector<std::string> steps() const {
    const Uses uses = find();
    return uses.disk_uses.empty() ? std::vector<std::string>() : uses.disk_uses.front().steps;
  }
  void hold(const std::string& part, const std::string& holder, const std::string& dm_name,
            const std::string& dm_uuid) const {
    host_.link("/sys/class/block/" + part + "/holders/" + holder, "../../" + holder);
    if (!dm_name.empty()) {
      host_.write("/sys/class/block/" + holder + "/dm/name", dm_name + "\n");
      host_.write("/sys/class/block/" + holder + "/dm/uuid", dm_uuid + "\n");
    }
  }
  void mount(const std::string& device, const std::string& source, const std::string& point) const {
    host_.write("/proc/self/mountinfo", "36 35 " + device + " / " + point +
                                            " rw,noatime master:1 - ext4 " + source + " rw\n");
  }

  FakeHost host_;
};

TEST_F(DiskUses, idle_disk_has_none) {
  const Uses uses = find();
  EXPECT_THAT(uses.disks, ElementsAre("nvme0n1"));
  EXPECT_THAT(uses.disk_uses, IsEmpty());
  EXPECT_THAT(uses.nodes, ElementsAre("/dev/nvme0n1", "/dev/nvme0n1p1", "/dev/nvme0n1p2"));
}

TEST_F(DiskUses, mount_is_found_by_number_whatever_it_is_called) {
  mount("259:2", "/dev/root", "/home\\040of\\040mine");
  EXPECT_THAT(texts(), ElementsAre("nvme0n1p2: mounted at /home of mine"));
  EXPECT_THAT(steps(), ElementsAre("umount /home of mine"));
}

TEST_F(DiskUses, mount_is_found_by_name_where_the_number_is_the_file_systems) {
  mount("0:35", "/dev/nvme0n1p1", "/");
  EXPECT_THAT(texts(), ElementsAre("nvme0n1p1: mounted at /"));
  host_.link("/dev/disk/by-label/data", "../../nvme0n1p2");
  mount("0:35", "/dev/disk/by-label/data", "/data");
  EXPECT_THAT(texts(), ElementsAre("nvme0n1p2: mounted at /data"));
}

TEST_F(DiskUses, mount_of_another_namespace_is_seen_through_the_first_process) {
  host_.write("/proc/1/mountinfo", "36 35 259:1 / /srv rw - ext4 /dev/nvme0n1p1 rw\n");
  EXPECT_THAT(texts(), ElementsAre("nvme0n1p1: mounted at /srv"));
}

TEST_F(DiskUses, swap) {
  host_.write("/proc/swaps", "Filename Type Size Used Priority\n/dev/nvme0n1p2 partition 1 0 -2\n");
  EXPECT_THAT(texts(), ElementsAre("nvme0n1p2: used as swap"));
  EXPECT_THAT(steps(), ElementsAre("swapoff /dev/nvme0n1p2"));
}

TEST_F(DiskUses, lvm_volume_that_is_mounted) {
  hold("nvme0n1p2", "dm-0", "my--vg-root", "LVM-abc");
  EXPECT_THAT(texts(), ElementsAre("nvme0n1p2: part of the LVM volume my--vg-root"));
  EXPECT_THAT(steps(), ElementsAre("vgchange -an my-vg"));
  host_.write("/sys/class/block/dm-0/dev", "254:0\n");
  mount("254:0", "/dev/mapper/my--vg-root", "/");
  EXPECT_THAT(texts(), ElementsAre("nvme0n1p2: part of the LVM volume my--vg-root, mounted at /"));
  EXPECT_THAT(steps(), ElementsAre("umount /", "vgchange -an my-vg"));
}

TEST_F(DiskUses, encrypted_swap_on_raid) {
  hold("nvme0n1p1", "md0", "", "");
  hold("md0", "dm-3", "cryptswap", "CRYPT-PLAIN-x");
  host_.write("/proc/swaps", "Filename\n/dev/dm-3 partition 1 0 -2\n");
  EXPECT_THAT(texts(), ElementsAre("nvme0n1p1: part of the RAID array md0, part of the encrypted "
                                   "volume cryptswap, used as swap"));
  EXPECT_THAT(steps(), ElementsAre("swapoff /dev/dm-3", "cryptsetup close cryptswap",
                                   "mdadm --stop /dev/md0"));
}

TEST_F(DiskUses, raid_that_only_mdstat_tells_of) {
  host_.write("/proc/mdstat",
              "Personalities : [raid1]\nmd0 : active raid1 sdb1[1] nvme0n1p1[0]\n      1 blocks\n");
  EXPECT_THAT(texts(), ElementsAre("nvme0n1p1: part of the RAID array md0"));
  EXPECT_THAT(steps(), ElementsAre("mdadm --stop /dev/md0"));
}

TEST_F(DiskUses, zfs_counts_while_its_pool_is_imported) {
  host_.write("/run/udev/data/b259:1", "E:ID_FS_TYPE=zfs_member\nE:ID_FS_LABEL=tank\n");
  EXPECT_THAT(texts(), IsEmpty());
  host_.write("/proc/spl/kstat/zfs/tank/state", "ONLINE\n");
  EXPECT_THAT(texts(), ElementsAre("nvme0n1p1: part of the ZFS pool tank"));
  EXPECT_THAT(steps(), ElementsAre("zpool export tank"));
}

TEST_F(DiskUses, hidden_path_stands_for_its_disk) {
  host_.remove(FakeHost::folder("0000:01:00.0") + "/nvme");
  const std::string path = FakeHost::folder("0000:01:00.0") + "/nvme/nvme0/nvme0c0n1";
  host_.link(path + "/subsystem", "../class/block");
  host_.remove("/sys/class/block");
  host_.write("/sys/class/block/nvme0n1/dev", "259:0\n");
  mount("259:0", "/dev/nvme0n1", "/data");
  EXPECT_THAT(texts(), ElementsAre("nvme0n1: mounted at /data"));
}

TEST_F(DiskUses, holders_that_hold_each_other_end) {
  hold("nvme0n1p1", "dm-0", "a", "x");
  hold("dm-0", "dm-1", "b", "x");
  hold("dm-1", "dm-0", "a", "x");
  EXPECT_EQ(texts().size(), 1U);
}

TEST_F(DiskUses, functions_behind_a_bridge_are_not_part_of_it) {
  FakeHost host;
  host.add({.address = "0000:00:01.0", .class_code = "0x060400", .driver = "pcieport"});
  const std::string below = FakeHost::folder("0000:00:01.0") + "/0000:01:00.0/nvme/nvme0/nvme0n1";
  host.link(below + "/subsystem", "../class/block");
  const Inventory inventory = take_inventory(host.tree());
  EXPECT_THAT(UseFinder(host.tree()).find(inventory.functions.at(0)).disks, IsEmpty());
}

TEST(NetUses, loopback_has_its_address) {
  EXPECT_THAT(addresses_of("lo"), ::testing::Contains("127.0.0.1"));
  EXPECT_TRUE(addresses_of("none such").empty());
}

TEST(NetUses, default_route_counts_over_bridges_too) {
  FakeHost host;
  host.add({.ids = "8086:15f3", .class_code = "0x020000", .driver = "igc"});
  host.link(FakeHost::folder("0000:01:00.0") + "/net/eno1/subsystem", "../class/net");
  const Inventory inventory = take_inventory(host.tree());
  const auto route = [&] {
    return UseFinder(host.tree()).find(inventory.functions.at(0)).interfaces.at(0).default_route;
  };
  EXPECT_EQ(route(), "");
  const std::string title = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window\n";
  host.write("/proc/net/route", title + "eno1 00000000 0101A8C0 0003 0 0 0 00000000 0 0\n");
  EXPECT_EQ(route(), "eno1");
  host.write("/proc/net/route", title + "eno1 0001A8C0 00000000 0001 0 0 0 00FFFFFF 0 0\n");
  EXPECT_EQ(route(), "");
  // Half of all addresses, and routes that reject or are down.
  for (const char* const other :
       {"0003 0 0 0 00000080", "0203 0 0 0 00000000", "0002 0 0 0 00000000"}) {
    host.write("/proc/net/route", title + "eno1 00000000 0101A8C0 " + other + " 0 0\n");
    EXPECT_EQ(route(), "") << other;
  }
  const std::string zeros(32, '0');
  host.write("/proc/net/ipv6_route",
             zeros + " 00 " + zeros + " 00 " + zeros + " 00000400 1 0 00000003 br0\n");
  EXPECT_EQ(route(), "");
  host.link("/sys/class/net/eno1/upper_br0", "../br0");
  EXPECT_EQ(route(), "br0");
  host.write("/proc/net/ipv6_route",
             zeros + " 00 " + zeros + " 00 " + zeros + " 00000400 1 0 00200201 br0\n");
  EXPECT_EQ(route(), "");  // a reject route
}

TEST(Nodes, are_those_below_the_device_and_those_that_drivers_make_elsewhere) {
  FakeHost host;
  host.add({});
  const std::string folder = FakeHost::folder("0000:01:00.0");
  host.write(folder + "/drm/card0/uevent", "MAJOR=226\nDEVNAME=dri/card0\n");
  host.write("/proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: x\nDevice Minor: \t 3\n");
  const auto nodes = [&] {
    const Inventory inventory = take_inventory(host.tree());
    return UseFinder(host.tree()).find(inventory.functions.at(0)).nodes;
  };
  EXPECT_THAT(nodes(), ElementsAre("/dev/dri/card0", "/dev/nvidia3"));
  host.link(folder + "/driver", "x/vfio-pci");
  EXPECT_THAT(nodes(), Contains("/dev/vfio/14"));
}

TEST(Holders, are_processes_with_name_and_unit) {
  FakeHost host;
  host.write("/proc/77/comm", "Xorg\n");
  host.write("/proc/77/cgroup", "0::/system.slice/gdm.service\n");
  host.link("/proc/77/fd/3", "/dev/dri/card0");
  host.link("/proc/77/fd/4", "/dev/dri/card0");
  host.link("/proc/8/fd/4", "/dev/dri/card0");
  host.write("/proc/8/cgroup", "0::/\n");
  host.link("/proc/9/fd/4", "/dev/null");
  const std::vector<Holder> holders = find_holders(host.tree(), {"/dev/dri/card0"});
  ASSERT_EQ(holders.size(), 2U);
  EXPECT_EQ(holders[0].pid, 8);
  EXPECT_EQ(holders[0].unit, "");
  EXPECT_EQ(holders[1].pid, 77);
  EXPECT_EQ(holders[1].name, "Xorg");
  EXPECT_EQ(holders[1].unit, "gdm.service");
  EXPECT_THAT(find_holders(host.tree(), {}), IsEmpty());
}

}  // namespace
}  // namespace lintel::passthrough::host
