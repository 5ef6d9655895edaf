// SPDX-License-Identifier: Apache-2.0
// [[pci]] and [passthrough].
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/support.h"
#include "vmm/config/render.h"
#include "vmm/config/units.h"

namespace lintel::config {
namespace {

using passthrough::host::parse_device;
using passthrough::host::parse_ids;
using testing::bootable;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ids;
using testing::load;
using testing::report;

// Its first line is the file's third.
Loaded load_pci(const std::string& rest) {
  return load(bootable("[[pci]]\n" + rest));
}

TEST(Pci, every_key_reaches_its_struct) {
  const Loaded loaded = load_pci(R"(id = "gpu"
device = "0000:01:00.0"
expect = "10de:2684"
functions = "all"
bind = "keep"
rom = "/x/4090.rom"
rebar = "16G"
reset = "bus"
reset_when = ["start", "reboot"]
guest_address = "05.0"
root_port = "off"
vga = true
patch = ["2c.w=1af4"]
x-note = "ours"
[[pci]]
device = "144d:a80a"
[passthrough]
backend = "iommufd"
peer_to_peer = true
unsafe_noiommu = true
on_error = "reset"
report = "/x/devices.json"
)");
  ASSERT_TRUE(loaded.problems.empty()) << report(loaded);
  ASSERT_EQ(loaded.config.pcis.size(), 2U);
  EXPECT_EQ(loaded.config.passthrough.report, "/x/devices.json");
  const PciConfig& gpu = loaded.config.pcis[0];
  EXPECT_THAT(gpu.patch, ElementsAre("2c.w=1af4"));
  EXPECT_EQ(gpu.id, "gpu");
  EXPECT_EQ(gpu.device, parse_device("0000:01:00.0"));
  EXPECT_EQ(gpu.expect, parse_ids("10de:2684"));
  EXPECT_EQ(gpu.functions, PciFunctions::kAll);
  EXPECT_EQ(gpu.bind, PciBind::kKeep);
  EXPECT_EQ(gpu.rom, "/x/4090.rom");
  EXPECT_EQ(gpu.rebar, "16G");
  EXPECT_EQ(gpu.reset, PciReset::kBus);
  EXPECT_THAT(gpu.reset_when, ElementsAre("start", "reboot"));
  EXPECT_EQ(gpu.guest_address, "05.0");
  EXPECT_EQ(gpu.root_port, PciRootPort::kOff);
  EXPECT_TRUE(gpu.vga);
  const PciConfig& nvme = loaded.config.pcis[1];
  EXPECT_EQ(nvme.id, "pci1");
  EXPECT_EQ(nvme.functions, PciFunctions::kOne);
  EXPECT_EQ(nvme.bind, PciBind::kAuto);
  EXPECT_EQ(nvme.rebar, "keep");
  EXPECT_EQ(nvme.reset, PciReset::kAuto);
  EXPECT_THAT(nvme.reset_when, ElementsAre("start", "reboot", "end"));
  EXPECT_EQ(nvme.root_port, PciRootPort::kAuto);
  EXPECT_EQ(loaded.config.passthrough.backend, PassthroughBackend::kIommufd);
  EXPECT_TRUE(loaded.config.passthrough.peer_to_peer);
  EXPECT_TRUE(loaded.config.passthrough.unsafe_noiommu);
  EXPECT_EQ(loaded.config.passthrough.on_error, PassthroughOnError::kReset);
  // What --print shows loads to the same.
  const Loaded again = load(to_toml(loaded.config));
  EXPECT_EQ(to_toml(again.config), to_toml(loaded.config));
}

TEST(Pci, every_malformed_value_is_reported_at_once) {
  const Loaded loaded = load_pci(R"(device = "0000:01:00.8"
expect = "10de"
functions = "both"
bind = "yes"
rebar = "3G"
reset = "hard"
guest_address = "20.0"
root_port = true
speed = 4
)");
  EXPECT_THAT(ids(loaded),
              ElementsAre("E1003@4:10", "E1003@5:10", "E1003@6:13", "E1003@7:8", "E1003@8:9",
                          "E1003@9:9", "E1003@10:17", "E1001@11:13", "E1002@12:1"));
  EXPECT_THAT(report(loaded), HasSubstr("pci.device must be an address such as \"0000:01:00.0\" or "
                                        "ids such as \"10de:2684\" (got \"0000:01:00.8\")"));
}

TEST(Pci, moments_of_resets_are_the_known_ones) {
  const Loaded loaded = load_pci("device = \"01:00.0\"\nreset_when = [\"start\", \"stop\"]\n");
  EXPECT_THAT(report(loaded), HasSubstr("must be \"start\", \"reboot\" or \"end\""));
  EXPECT_EQ(load_pci("device = \"01:00.0\"\nreset_when = \"end\"\n").config.pcis[0].reset_when,
            std::vector<std::string>{"end"});
}

TEST(Pci, one_device_has_the_legacy_vga_addresses) {
  EXPECT_THAT(report(load_pci("device = \"01:00.0\"\nvga = true\n"
                              "[[pci]]\ndevice = \"02:00.0\"\nvga = true\n")),
              HasSubstr("pci.vga: true is used twice"));
  EXPECT_TRUE(has_legacy_vga(
      load_pci("device = \"01:00.0\"\n[[pci]]\ndevice = \"02:00.0\"\nvga = true\n").config.pcis));
  EXPECT_FALSE(has_legacy_vga(load_pci("device = \"01:00.0\"\n").config.pcis));
}

TEST(Pci, device_or_socket_is_required) {
  EXPECT_THAT(ids(load_pci("id = \"gpu\"\n")), ElementsAre("E1006@4:6"));
  EXPECT_THAT(report(load_pci("device = \"01:00.0\"\nsocket = \"s\"\n")),
              HasSubstr("either `device` or `socket`"));
}

TEST(Pci, socket_needs_memory_that_its_server_can_map) {
  EXPECT_THAT(report(load_pci("socket = \"s\"\n")), HasSubstr("memory.shared = true"));
  EXPECT_TRUE(load_pci("socket = \"s\"\n[memory]\nshared = true\n").ok());
}

TEST(Pci, balloon_and_passed_devices_do_not_go_together) {
  EXPECT_THAT(report(load_pci("device = \"01:00.0\"\n[balloon]\nenabled = true\n")),
              HasSubstr("pinned"));
  EXPECT_THAT(report(load(bootable("[pci_bus]\nhotplug_ports = 1\n[balloon]\nenabled = true\n"))),
              HasSubstr("hotplug_ports"));
}

TEST(Pci, ports_for_hot_plug_have_room) {
  const Loaded loaded =
      load(bootable("[pci_bus]\nhotplug_ports = 2\nhotplug_memory = \"33G\"\n"
                    "hotplug_memory32 = \"64M\"\n"));
  ASSERT_TRUE(loaded.ok()) << report(loaded);
  EXPECT_EQ(loaded.config.pci_bus.hotplug_ports, 2U);
  EXPECT_EQ(loaded.config.pci_bus.hotplug_memory, 33 * kGiB);
  EXPECT_EQ(loaded.config.pci_bus.hotplug_memory32, 64 * kMiB);
  EXPECT_FALSE(load(bootable("[pci_bus]\nhotplug_ports = 17\n")).ok());
  EXPECT_FALSE(load(bootable("[pci_bus]\nhotplug_memory = \"1K\"\n")).ok());
}

TEST(Pci, what_cannot_stand_together_is_reported) {
  const Loaded loaded = load_pci(R"(device = "0000:01:00.0"
guest_address = "1F.0"
[[pci]]
id = "pci0"
device = "01:00.0"
guest_address = "1f.0"
[[pci]]
device = "10de:2684"
expect = "10de:2685"
rebar = "max"
bind = "manual"
)");
  EXPECT_THAT(ids(loaded),
              ElementsAre("E1006@7:6", "E1006@8:10", "E1006@9:17", "E1006@12:10", "E1006@13:9"));
}

TEST(Pci, keys_can_be_set_from_the_command_line) {
  LoadOptions options;
  options.assignments = {"pci.gpu.rebar=max", "pci.1.device=144d:a80a"};
  const Loaded loaded =
      load(bootable("[[pci]]\nid = \"gpu\"\ndevice = \"01:00.0\"\n"), std::move(options));
  ASSERT_TRUE(loaded.problems.empty()) << report(loaded);
  EXPECT_EQ(loaded.config.pcis.at(0).rebar, "max");
  EXPECT_EQ(loaded.config.pcis.at(1).device, parse_device("144d:a80a"));
}

TEST(Pci, spellings_of_a_device_are_one) {
  for (const char* spelling : {"3b:00.0", "3B:00.0", "0000:3B:00.0", "00000000:3b:00.0"}) {
    const Loaded loaded = load_pci(fmt::format("device = \"{}\"\n", spelling) +
                                   "[[pci]]\ndevice = \"0000:3b:00.0\"\n");
    EXPECT_EQ(loaded.config.pcis.at(0).device, loaded.config.pcis.at(1).device) << spelling;
    EXPECT_THAT(report(loaded), HasSubstr("pci.device: 0000:3b:00.0 is used twice")) << spelling;
  }
  EXPECT_TRUE(load_pci("device = \"10DE:2684\"\nexpect = \"10de:2684\"\n").ok());
  EXPECT_THAT(to_toml(load_pci("device = \"3B:00.0\"\n").config), HasSubstr("\"0000:3b:00.0\""));
}

TEST(Pci, several_devices_may_be_served) {
  const Loaded loaded =
      load_pci("socket = \"a\"\n[[pci]]\nsocket = \"b\"\n[memory]\nshared = true\n");
  EXPECT_TRUE(loaded.ok()) << report(loaded);
}

TEST(Pci, host_is_asked_only_about_a_good_file) {
  int asked = 0;
  LoadOptions options;
  options.check_host = [&](const Config&, const Places& places, Diagnostics& diagnostics) {
    ++asked;
    diagnostics.error(ProblemId::kGroup, places.of("pci", 0, "device"), "shared");
  };
  EXPECT_THAT(ids(load(bootable("[[pci]]\ndevice = \"01:00.0\"\n"), options)),
              ElementsAre("E2110@4:10"));
  load(bootable("[[pci]]\ndevice = \"1\"\n"), options);
  EXPECT_EQ(asked, 1);
}

TEST(PciText, forms) {
  for (const char* good : {"0000:01:00.0", "01:00.0", "10000:e1:1f.7", "10de:2684", "10DE:2684"}) {
    EXPECT_TRUE(is_pci_device(good)) << good;
  }
  for (const char* bad :
       {"", "0000:01:20.0", "1:0.0", "0000:01:00.8", "000000001:01:00.0", "001:01:00.0",
        "g000:01:00.0", "10de:268", "10de:26844", "::", ":01:00.0", "0000:01:00.0 "}) {
    EXPECT_FALSE(is_pci_device(bad)) << bad;
  }
  for (const char* good : {"00.0", "1f.7", "1F.0"}) EXPECT_TRUE(is_pci_slot(good)) << good;
  for (const char* bad : {"", "20.0", "5.0", "05", "05.8", "00:05.0"}) {
    EXPECT_FALSE(is_pci_slot(bad)) << bad;
  }
  for (const char* good : {"keep", "max", "1M", "256M", "16G", "1T"}) {
    EXPECT_TRUE(is_rebar(good)) << good;
  }
  for (const char* bad : {"", "0M", "3G", "512K", "16", "big"}) EXPECT_FALSE(is_rebar(bad)) << bad;
}

TEST(Pci, patch_is_refused_with_its_reason) {
  const auto problem = [](const std::string& text) {
    return report(load_pci("device = \"01:00.0\"\npatch = [\"" + text + "\"]\n"));
  };
  EXPECT_EQ(problem("2c.w=1af4"), "");
  EXPECT_EQ(problem("CAP_EXP+0c.l=0:30"), "");
  EXPECT_EQ(problem("cap10+4.L=1"), "");
  EXPECT_EQ(problem("ECAP0001+8.l=0"), "");
  EXPECT_EQ(problem("06.w=8000:e000"), "") << "the status that the device has";
  using Refusal = std::pair<std::string, std::string>;
  for (const auto& [text, why] : {Refusal{"2c", "no \"=\""},
                                  Refusal{"2c.q=0", "width"},
                                  Refusal{"xy=0", "no offset"},
                                  Refusal{"2d.w=0", "begins at"},
                                  Refusal{"2c=100", "1 bytes"},
                                  Refusal{"2c.w=0:10000", "2 bytes"},
                                  Refusal{"2c=0:0", "at least one bit"},
                                  Refusal{"2c=", "no value"},
                                  Refusal{"1000=0", "ends at fff"},
                                  Refusal{"CAP_NONE+4=0", "no capability is called"},
                                  Refusal{"CAP_EXP+=0", "no offset"},
                                  Refusal{"04.w=0", "command register"},
                                  Refusal{"06=0:10", "list of capabilities"},
                                  Refusal{"0e=1", "header's type"},
                                  Refusal{"10.l=0", "BARs"},
                                  Refusal{"24.l=0", "BARs"},
                                  Refusal{"30.l=0", "ROM"},
                                  Refusal{"34=0", "`hide` and `show`"},
                                  Refusal{"3d=0", "line and pin"},
                                  Refusal{"CAP_EXP.w=0", "ID and link"},
                                  Refusal{"ECAP_AER+0.l=0:fff00000", "ID and link"},
                                  Refusal{"CAP_MSI+2.w=0", "messages"},
                                  Refusal{"CAP_MSIX+4.l=0", "messages"},
                                  Refusal{"CAP_PM+4.w=0:3", "power state"},
                                  Refusal{"ECAP_REBAR+8.l=0", "present sizes"}}) {
    EXPECT_THAT(problem(text), HasSubstr(why)) << text;
    EXPECT_THAT(problem(text), HasSubstr("patch")) << text;
  }
}

}  // namespace
}  // namespace lintel::config
