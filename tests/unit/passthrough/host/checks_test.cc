// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/passthrough/host/fake_host.h"

namespace lintel::passthrough::host {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr PciAddress kGpu{0, lintel::pci::Bdf(1, lintel::pci::Devfn(0, 0))};
constexpr PciAddress kAudio{0, lintel::pci::Bdf(1, lintel::pci::Devfn(0, 1))};

class HostChecks : public ::testing::Test {
 protected:
  HostChecks() { host_.add({}); }

  void add_audio(const std::string& driver = "snd_hda_intel") const {
    host_.add({.address = "0000:01:00.1",
               .ids = "10de:22ba",
               .class_code = "0x040300",
               .driver = driver,
               .reset = ""});
  }
  Inventory inventory() const { return take_inventory(host_.tree()); }
  std::vector<Complaint> group(const std::vector<PciAddress>& taken) const {
    const Inventory all = inventory();
    return check_group(all, *all.find(kGpu), taken);
  }
  std::vector<Complaint> reset(PciAddress address, const std::vector<PciAddress>& taken) const {
    const Inventory all = inventory();
    return check_reset(all, *all.find(address), taken);
  }
  std::vector<Complaint> uses() const {
    const Inventory all = inventory();
    return check_uses(host_.tree(), UseFinder(host_.tree()), *all.find(kGpu));
  }

  FakeHost host_;
};

TEST_F(HostChecks, group_of_its_own_is_fine) {
  EXPECT_THAT(group({kGpu}), IsEmpty());
}

TEST_F(HostChecks, group_with_a_host_device_lists_every_member) {
  add_audio();
  host_.add({.address = "0000:00:01.0",
             .ids = "8086:1901",
             .class_code = "0x060400",
             .driver = "pcieport"});
  const auto complaints = group({kGpu});
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_EQ(complaints[0].kind, ComplaintKind::kGroup);
  EXPECT_TRUE(complaints[0].fatal);
  EXPECT_THAT(complaints[0].message, HasSubstr("IOMMU group 14"));
  EXPECT_THAT(complaints[0].notes,
              ElementsAre("0000:00:01.0  8086:1901  PCI bridge  pcieport  (a bridge, no obstacle)",
                          "0000:01:00.0  10de:2684  VGA controller  nvidia  <- requested",
                          "0000:01:00.1  10de:22ba  Audio device  snd_hda_intel  "
                          "<- with the host"));
  EXPECT_THAT(complaints[0].help, HasSubstr("lintel bind"));
  EXPECT_THAT(group({kGpu, kAudio}), IsEmpty());
}

TEST_F(HostChecks, network_of_a_member_in_the_way_is_named) {
  host_.add(
      {.address = "0000:03:00.0", .ids = "8086:15f3", .class_code = "0x020000", .driver = "igc"});
  const std::string net = FakeHost::folder("0000:03:00.0") + "/net/eno1";
  host_.link(net + "/subsystem", "../../../../class/net");
  const auto note = [&] {
    const UseFinder finder(host_.tree(), [](const std::string& interface) {
      return std::vector<std::string>{interface == "eno1" ? "10.0.0.5" : "?"};
    });
    const Inventory all = inventory();
    return check_group(all, *all.find(kGpu), {}, &finder).at(0).notes.at(1);
  };
  EXPECT_THAT(note(), EndsWith("igc  <- with the host (eno1, 10.0.0.5)"));
  const std::string route =
      "Iface Destination Gateway Flags\n{} 00000000 0102A8C0 0003 0 0 0 00000000\n";
  host_.write("/proc/net/route", fmt::format(fmt::runtime(route), "eno1"));
  EXPECT_THAT(note(), EndsWith("(eno1, 10.0.0.5, the host's default route)"));
  host_.write("/proc/net/route", fmt::format(fmt::runtime(route), "br0"));
  host_.write("/sys/class/net/eno1/upper_br0", "");
  EXPECT_THAT(note(), EndsWith("(eno1, 10.0.0.5, part of br0, the host's default route)"));
}

TEST_F(HostChecks, members_without_dma_of_the_host_are_no_obstacle) {
  for (const char* driver : {"", "vfio-pci", "mlx5_vfio_pci", "pci-stub", "pcieport"}) {
    add_audio(driver);
    EXPECT_THAT(group({kGpu}), IsEmpty()) << driver;
    host_.remove(FakeHost::folder("0000:01:00.1"));
  }
}

// The ISA bridge is no bridge in this sense: its driver does DMA of its own.
TEST_F(HostChecks, only_pci_bridges_are_exempt) {
  host_.add({.address = "0000:00:1f.0", .class_code = "0x060100", .driver = "lpc_ich"});
  EXPECT_EQ(group({kGpu}).size(), 1U);
}

TEST_F(HostChecks, host_without_iommu_is_told_how_to_get_one) {
  FakeHost bare;
  bare.add({.group = std::nullopt});
  const Inventory all = take_inventory(bare.tree());
  const auto complaints = check_group(all, *all.find(kGpu), {});
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_EQ(complaints[0].kind, ComplaintKind::kNoIommu);
  EXPECT_THAT(complaints[0].help, HasSubstr("intel_iommu=on"));
}

TEST_F(HostChecks, group_that_is_not_known_yet_is_not_judged) {
  host_.add({.address = "0000:05:00.0", .driver = "", .group = std::nullopt});
  const Inventory all = inventory();
  EXPECT_THAT(check_group(all, all.functions.back(), {}), IsEmpty());
}

TEST_F(HostChecks, device_that_resets_alone_needs_nobody) {
  add_audio();
  EXPECT_THAT(reset(kGpu, {kGpu}), IsEmpty());
}

TEST_F(HostChecks, bus_reset_needs_the_whole_bus) {
  add_audio();
  host_.write(FakeHost::folder("0000:01:00.0") + "/reset_method", "bus\n");
  const auto complaints = reset(kGpu, {kGpu});
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_FALSE(complaints[0].fatal);
  EXPECT_THAT(complaints[0].notes,
              ElementsAre("0000:01:00.1  10de:22ba  Audio device  snd_hda_intel"));
  EXPECT_THAT(reset(kGpu, {kGpu, kAudio}), IsEmpty());
}

TEST_F(HostChecks, device_without_reset_is_warned_of) {
  add_audio();
  const auto complaints = reset(kAudio, {kAudio});
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_FALSE(complaints[0].fatal);
  EXPECT_THAT(complaints[0].message, HasSubstr("cannot be reset"));
}

TEST_F(HostChecks, mounted_disk_is_refused_with_what_to_do) {
  host_.add_disk("0000:01:00.0", "nvme0n1", 2);
  EXPECT_THAT(uses(), IsEmpty());
  host_.write("/proc/self/mountinfo",
              "1 0 259:1 / /boot rw - vfat /dev/nvme0n1p1 rw\n"
              "2 0 259:2 / /home rw - ext4 /dev/nvme0n1p2 rw\n");
  const auto complaints = uses();
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_TRUE(complaints[0].fatal);
  EXPECT_EQ(complaints[0].kind, ComplaintKind::kBusy);
  EXPECT_EQ(complaints[0].message,
            "the host uses a disk of 0000:01:00.0: nvme0n1p1 is mounted at /boot");
  EXPECT_THAT(complaints[0].notes, ElementsAre("nvme0n1p2 is mounted at /home"));
  EXPECT_EQ(complaints[0].help, "umount /boot; umount /home");
}

TEST_F(HostChecks, programs_that_have_it_open_are_named) {
  host_.write(FakeHost::folder("0000:01:00.0") + "/drm/card0/uevent", "DEVNAME=dri/card0\n");
  host_.write(FakeHost::folder("0000:01:00.0") + "/usb1/input/event3/uevent",
              "DEVNAME=input/event3\n");
  host_.write("/proc/77/comm", "Xorg\n");
  host_.write("/proc/77/cgroup", "0::/system.slice/gdm.service\n");
  host_.link("/proc/77/fd/3", "/dev/input/event3");
  EXPECT_THAT(uses(), IsEmpty());  // a keyboard can be unplugged
  host_.link("/proc/77/fd/4", "/dev/dri/card0");
  const auto complaints = uses();
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_TRUE(complaints[0].fatal);
  EXPECT_THAT(complaints[0].notes,
              ElementsAre("process 77 (Xorg, gdm.service) has /dev/dri/card0"));
  EXPECT_EQ(complaints[0].help, "systemctl stop gdm.service");
}

TEST_F(HostChecks, default_route_is_a_warning) {
  host_.link(FakeHost::folder("0000:01:00.0") + "/net/eno1/subsystem", "../class/net");
  host_.write("/proc/net/route", "eno1 00000000 0101A8C0 0003 0 0 0 00000000 0 0\n");
  const auto complaints = uses();
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_FALSE(complaints[0].fatal);
  EXPECT_EQ(complaints[0].kind, ComplaintKind::kNetwork);
}

TEST(Addresses, that_the_iommu_keeps_are_refused_where_there_is_ram) {
  IommuGroup group;
  group.number = 3;
  group.reserved = {{{GuestAddress(0x8000000), 0x100000}, "msi"}};
  const GuestRange high[] = {{GuestAddress(kGiB), kGiB}};
  const GuestRange low[] = {{GuestAddress(0), kGiB}};
  EXPECT_THAT(check_addresses(group, high), IsEmpty());
  const auto complaints = check_addresses(group, low);
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_THAT(complaints[0].message, HasSubstr("0x8000000-0x80fffff"));
  group.reserved = {{{GuestAddress(0x1000), 0x1000}, "direct-relaxable"}};
  EXPECT_THAT(check_addresses(group, low), IsEmpty());
}

TEST(Addresses, that_firmware_uses_itself_keep_the_device) {
  IommuGroup group;
  group.reserved = {{{GuestAddress(0x7f000000), 0x1000000}, "direct"}};
  const GuestRange high[] = {{GuestAddress(4 * kGiB), kGiB}};
  const auto complaints = check_addresses(group, high);
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_THAT(complaints[0].message, HasSubstr("RMRR"));
}

TEST_F(HostChecks, ram_is_locked_and_windows_hold_memory_bars) {
  const PciAddress taken[] = {kGpu};
  const GuestRange ram[] = {{GuestAddress(0), kGiB}, {GuestAddress(4 * kGiB), kGiB}};
  EXPECT_EQ(bytes_to_lock(ram), 2 * kGiB);
  EXPECT_EQ(window_for(inventory(), taken, false), 16 * kMiB);
  EXPECT_EQ(window_for(inventory(), taken, true), 256 * kMiB);
}

TEST_F(HostChecks, narrowest_vtd_unit_counts) {
  EXPECT_FALSE(iommu_address_bits(host_.tree()));
  host_.write("/sys/class/iommu/dmar0/intel-iommu/cap", "2f0000\n");
  host_.write("/sys/class/iommu/dmar1/intel-iommu/cap", "d2008c22260286\n");
  EXPECT_EQ(iommu_address_bits(host_.tree()), 39U);
}

}  // namespace
}  // namespace lintel::passthrough::host
