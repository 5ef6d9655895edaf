// SPDX-License-Identifier: Apache-2.0
#include "vmm/commands/devices.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/passthrough/host/fake_host.h"
#include "vmm/base/error.h"
#include "vmm/config/load.h"

namespace lintel::commands {
namespace {

using passthrough::host::FakeHost;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kJson = &cli::DevicesCommand::json;
constexpr auto kUsers = &cli::DevicesCommand::users;

class Devices : public ::testing::Test {
 protected:
  Devices() {
    host_.add({});
    host_.add(
        {.address = "0000:01:00.1", .ids = "10de:22ba", .class_code = "0x040300", .driver = ""});
    host_.add({.address = "0000:00:1f.6",
               .ids = "8086:15f3",
               .class_code = "0x020000",
               .driver = "igc",
               .group = 2,
               .reset = ""});
    host_.write("/usr/share/misc/pci.ids", "10de  NVIDIA\n\t2684  AD102\n");
    host_.write(FakeHost::folder("0000:01:00.0") + "/drm/card0/uevent", "DEVNAME=dri/card0\n");
    host_.write("/proc/77/comm", "Xorg\n");
    host_.link("/proc/77/fd/3", "/dev/dri/card0");
  }
  // No device: the table of all.
  std::string show(const std::string& device = {}) const {
    cli::DevicesCommand command;
    if (!device.empty()) command.devices = {device};
    return show_devices(host_.tree(), command);
  }
  std::string show_with(bool cli::DevicesCommand::* first,
                        bool cli::DevicesCommand::* second) const {
    cli::DevicesCommand command;
    command.*first = true;
    command.*second = true;
    return show_devices(host_.tree(), command);
  }
  std::string toml(const std::string& device) const {
    cli::DevicesCommand command;
    command.toml = device;
    return show_devices(host_.tree(), command);
  }

  FakeHost host_;
};

TEST_F(Devices, are_a_table_by_group) {
  EXPECT_EQ(show(),
            "GROUP  ADDRESS       IDS        DRIVER  DEVICE\n"
            "    2  0000:00:1f.6  8086:15f3  igc     Ethernet controller\n"
            "   14  0000:01:00.0  10de:2684  nvidia  VGA controller: NVIDIA AD102\n"
            "   14  0000:01:00.1  10de:22ba  -       Audio device: NVIDIA\n");
}

TEST_F(Devices, users_are_shown_when_asked_for) {
  EXPECT_THAT(show(), Not(HasSubstr("Xorg")));
  EXPECT_THAT(show_with(kUsers, kUsers), HasSubstr("used by 77 Xorg: /dev/dri/card0\n"));
}

TEST_F(Devices, that_are_named_have_details) {
  host_.write(FakeHost::folder("0000:01:00.0") + "/resource1_resize", "0000000000000300\n");
  const std::string text = show("01:00.0");
  EXPECT_THAT(text, HasSubstr("group       14 (DMA), with\n"
                              "              0000:01:00.1  10de:22ba  Audio device  (no driver)"));
  EXPECT_THAT(text, HasSubstr("BAR         0: 16M\n"));
  EXPECT_THAT(text, HasSubstr("BAR         1: 256M 64-bit prefetchable (can be 256M 512M)\n"));
  EXPECT_THAT(text, HasSubstr("reset       flr bus\n"));
  EXPECT_THAT(text, HasSubstr("power       active, control on, D3cold allowed\n"));
  EXPECT_THAT(text, Not(HasSubstr("8086:15f3")));
  EXPECT_THAT(show("8086:15f3"), HasSubstr("reset       not possible\n"));
  EXPECT_THROW(show("0000:09:00.0"), Error);
  EXPECT_THROW(show("nonsense"), Error);
}

TEST_F(Devices, are_json_for_programs) {
  const auto list = nlohmann::json::parse(show_with(kJson, kUsers));
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[1]["address"], "0000:01:00.0");
  EXPECT_EQ(list[1]["group"], 14);
  EXPECT_EQ(list[1]["name"], "NVIDIA AD102");
  EXPECT_EQ(list[1]["bars"][1]["size"], 256 << 20);
  EXPECT_EQ(list[1]["users"][0]["pid"], 77);
  EXPECT_EQ(list[2]["driver"], "");
  EXPECT_FALSE(nlohmann::json::parse(show_with(kJson, kJson))[1].contains("users"));
}

TEST_F(Devices, toml_is_a_block_that_loads) {
  const std::string text = toml("01:00.0");
  EXPECT_EQ(text,
            "# VGA controller: NVIDIA AD102\n[[pci]]\nid = \"gpu\"\ndevice = \"0000:01:00.0\"\n"
            "expect = \"10de:2684\"\nfunctions = \"all\"\n"
            "# with 0000:01:00.1  10de:22ba  Audio device  (no driver)\n");
  const config::Loaded loaded =
      config::load_text("vm.toml", "boot.kernel = \"k\"\nboot.cmdline = \"console=ttyS0\"\n" + text,
                        {.check_files = false});
  EXPECT_EQ(config::to_text(loaded.problems), "");
  EXPECT_THROW(toml("0000:09:00.0"), Error);
}

TEST_F(Devices, config_shows_what_a_guest_would_see) {
  std::string bytes(4096, '\0');
  bytes[0x06] = 0x10;
  bytes[0x34] = 0x40;
  bytes[0x40] = 0x01;
  bytes[0x41] = 0x50;
  bytes[0x50] = 0x11;
  bytes[0x100] = 0x10;
  bytes[0x102] = 0x01;
  host_.write(FakeHost::folder("0000:01:00.0") + "/config", bytes);
  cli::DevicesCommand command;
  command.config = "01:00.0";
  const std::string shown = show_devices(host_.tree(), command);
  EXPECT_THAT(shown, HasSubstr("040     0x01     PM                 pass\n"));
  EXPECT_THAT(shown, HasSubstr("050     0x11     MSI-X              emulate  the host sends"));
  EXPECT_THAT(shown, HasSubstr("100     ext:0x10 SR-IOV             hide     virtual functions"));
}

TEST_F(Devices, config_shows_bytes_and_what_the_configuration_changes) {
  std::string bytes(256, '\0');
  bytes[0x00] = '\xde';
  bytes[0x06] = 0x10;
  bytes[0x2c] = 0x11;
  bytes[0x34] = 0x40;
  bytes[0x40] = 0x09;
  bytes[0x41] = 0x50;
  bytes[0x50] = 0x0d;
  bytes[0x54] = 0x77;
  host_.write(FakeHost::folder("0000:01:00.0") + "/config", bytes);
  cli::DevicesCommand command;
  command.config = "01:00.0";
  EXPECT_THAT(
      show_devices(host_.tree(), command),
      HasSubstr("000      de  00  00  00  ..  ..  10  00  00  00  00  00  ..  00  ..  00\n"));
  const std::string file = testing::TempDir() + "/from.toml";
  command.from = file;
  const auto with = [&](const std::string& pci) {
    std::ofstream(file) << "boot.kernel = \"k\"\nboot.cmdline = \"console=ttyS0\"\n" << pci;
    return show_devices(host_.tree(), command);
  };
  const std::string shown =
      with("[[pci]]\ndevice = \"01:00.0\"\nhide = [\"Vendor\"]\npatch = [\"2c.w=1af4\"]\n");
  EXPECT_THAT(shown, HasSubstr("040     0x09     Vendor             hide     the configuration"));
  EXPECT_THAT(shown, HasSubstr("02c     -        patch              emulate  2c.w=1af4\n"));
  EXPECT_THAT(shown, HasSubstr("f4* 1a* 00  00\n"));
  EXPECT_THAT(shown, HasSubstr("030      ..  ..  ..  ..  50* 00"));
  EXPECT_THAT(shown, HasSubstr("040      00* 00* 00"));
  EXPECT_THROW(with("[[pci]]\ndevice = \"01:00.1\"\n"), Error);
  EXPECT_THROW(with("[[pci]]\ndevice = \"01:00.0\"\npatch = [\"04.w=0\"]\n"), Error);
}

TEST_F(Devices, config_needs_root) {
  host_.write(FakeHost::folder("0000:01:00.0") + "/config", std::string(64, '\0'));
  cli::DevicesCommand command;
  command.config = "01:00.0";
  EXPECT_THROW(show_devices(host_.tree(), command), Error);
}

}  // namespace
}  // namespace lintel::commands
