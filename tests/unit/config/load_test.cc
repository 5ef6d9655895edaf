// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/load.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/support.h"
#include "vmm/config/units.h"

namespace lintel::config {
namespace {

using testing::bootable;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ids;
using testing::load;
using testing::load_on;
using testing::report;

TEST(Load, minimal_file_gets_the_defaults) {
  const Loaded loaded = load(bootable(""));
  ASSERT_TRUE(loaded.problems.empty()) << report(loaded);
  const Config& config = loaded.config;
  EXPECT_EQ(config.vm.name, "vm");
  EXPECT_EQ(config.vm.shutdown_timeout, std::chrono::seconds(30));
  EXPECT_FALSE(config.vm.timeout);
  EXPECT_EQ(config.boot.kernel, "bzImage");
  EXPECT_EQ(config.cpu.count, 1U);
  EXPECT_EQ(config.cpu.topology, (CpuTopology{1, 1, 1}));
  EXPECT_EQ(config.memory.size, uint64_t{2} << 30);
  EXPECT_EQ(config.console.type, ConsoleType::kSerial);
  EXPECT_EQ(config.console.mode, ConsoleMode::kStdio);
  EXPECT_TRUE(config.disks.empty());
  EXPECT_TRUE(config.nets.empty());
  EXPECT_TRUE(config.rng.enabled);
  EXPECT_FALSE(config.balloon.enabled);
  EXPECT_FALSE(config.vsock.cid);
}

TEST(Load, every_section_reaches_its_struct) {
  const Loaded loaded = load(R"(
[vm]
name = "ci"
shutdown_timeout = "5s"
timeout = "10m"
on_reboot = "exit"
[boot]
kernel = "vmlinux"
initrd = ["a.cpio", "b.cpio"]
cmdline = "console=hvc0"
fast = "off"
[cpu]
count = 8
model = "baseline"
nested = true
topology = { sockets = 1, cores = 4, threads = 2 }
[memory]
size = "4G"
hugepages = "1G"
shared = true
prefault = true
[console]
type = "virtio"
mode = "file"
path = "out.log"
[[disk]]
id = "root"
path = "root.img"
direct = true
discard = false
serial = "abc"
[[disk]]
path = "data.img"
readonly = true
[[net]]
type = "tap"
tap = "tap0"
mac = "52:54:00:12:34:56"
mtu = 9000
vhost = "on"
[[net]]
forward = ["2222:22"]
[vsock]
cid = 42
[rng]
enabled = false
[balloon]
enabled = true
[pci_bus]
config_ports = "on"
)");
  ASSERT_TRUE(loaded.problems.empty()) << report(loaded);
  const Config& config = loaded.config;
  EXPECT_EQ(config.vm.timeout, std::chrono::minutes(10));
  EXPECT_EQ(config.vm.on_reboot, OnReboot::kExit);
  EXPECT_THAT(config.boot.initrd, ElementsAre("a.cpio", "b.cpio"));
  EXPECT_EQ(config.boot.fast, FastBoot::kOff);
  EXPECT_EQ(config.cpu.model, CpuModel::kBaseline);
  EXPECT_EQ(config.cpu.topology, (CpuTopology{1, 4, 2}));
  EXPECT_EQ(config.memory.backing.huge_pages, HugePages::k1GiB);
  EXPECT_TRUE(config.memory.backing.shared);
  EXPECT_EQ(config.console.path, "out.log");
  ASSERT_EQ(config.disks.size(), 2U);
  EXPECT_EQ(config.disks[0].id, "root");
  EXPECT_FALSE(config.disks[0].discard);
  EXPECT_EQ(config.disks[1].id, "disk1");
  EXPECT_EQ(config.disks[1].serial, "disk1");
  ASSERT_EQ(config.nets.size(), 2U);
  EXPECT_EQ(config.nets[0].mtu, 9000U);
  EXPECT_EQ(config.nets[0].vhost, Vhost::kOn);
  EXPECT_THAT(config.nets[1].forward, ElementsAre(PortForward{Transport::kTcp, "", 2222, 22}));
  EXPECT_EQ(config.vsock.cid, 42U);
  EXPECT_FALSE(config.rng.enabled);
  EXPECT_EQ(config.pci_bus.config_ports, ConfigPorts::kOn);
}

TEST(Load, all_problems_come_in_one_pass_in_the_order_of_the_file) {
  const Loaded loaded = load(
      "[boot]\n"
      "kernl = \"bzImage\"\n"
      "[memory]\n"
      "size = 1024\n"
      "[cpu]\n"
      "count = 256\n"
      "[consol]\n"
      "[vm]\n"
      "timeout = \"30\"\n");
  EXPECT_THAT(ids(loaded), ElementsAre("E1004@1:2", "E1002@2:1", "E1001@4:8", "E1003@6:9",
                                       "E1002@7:2", "E1001@9:11"))
      << report(loaded);
}

TEST(Load, bare_number_for_a_size_is_shown_with_its_line_and_what_to_write) {
  EXPECT_EQ(report(load(bootable("[memory]\nsize = 1024\n"))),
            "vm.toml:4:8: error[E1001]: memory.size must be a string with a unit, such as \"1G\" "
            "(got the integer 1024)\n"
            "    4 | size = 1024\n"
            "      |        ^^^^\n"
            "   help: write \"1024M\" if that meant MiB, \"1024G\" if it meant GiB\n");
}

TEST(Load, unknown_key_suggests_the_one_that_was_meant) {
  EXPECT_EQ(report(load(bootable("[vm]\ntimout = \"3s\"\n"))),
            "vm.toml:4:1: error[E1002]: unknown key `timout` in [vm]; did you mean `timeout`?\n"
            "    4 | timout = \"3s\"\n"
            "      | ^^^^^^\n");
}

TEST(Load, key_of_another_section_is_sent_there) {
  EXPECT_THAT(report(load(bootable("[cpu]\nhugepages = \"1G\"\n"))),
              HasSubstr("help: `hugepages` is a key of [memory]"));
}

TEST(Load, keys_for_others_are_ignored_everywhere) {
  const Loaded loaded = load(bootable("x-tool = 1\n[vm]\nx-owner = [1, 2]\n[x-mine]\na = 1\n"));
  EXPECT_TRUE(loaded.problems.empty()) << report(loaded);
}

TEST(Load, single_table_for_a_repeated_section_says_how_to_write_it) {
  EXPECT_THAT(report(load(bootable("[disk]\npath = \"a\"\n"))), HasSubstr("write [[disk]]"));
}

TEST(Load, impossible_values_are_refused) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"cpu.count = 0", "cpu.count must be 1 to 255 (got 0)"},
      {"cpu.count = -1", "cpu.count must be 1 to 255 (got -1)"},
      {"cpu.count = \"4\"", "write 4 without quotes"},
      {"cpu.count = 1.5", "got a floating-point number"},
      {"cpu.model = \"hots\"", "did you mean \"host\"?"},
      {"cpu.nested = \"yes\"", "must be true or false"},
      {"memory.size = \"1M\"", "must be 16M to 16T (got 1M)"},
      {"memory.size = \"512MB\"", "write \"512M\""},
      {"memory.size = \"17M\"", "memory.size must be a multiple of 2M"},
      {"memory = { size = \"1536M\", hugepages = \"1G\" }", "the next multiple is \"2G\""},
      {"cpu = { count = 4, topology = { cores = 3 } }", "= 3 CPUs, but cpu.count is 4"},
      {"vm.name = \"a b\"", "may have letters, digits"},
      {"vm.name = \"\"", "must have 1 to 64 bytes"},
      {"vm.name = \"lock\"", "cannot have the name \"lock\""},
      {"vm.name = \"bound.json\"", "cannot have the name \"bound.json\""},
      {"vm.name = \"a.sock\"", "cannot have the name \"a.sock\""},
      {"vm.timeout = \"0s\"", "vm.timeout must be 1ms to"},
      {"console.mode = \"file\"", "need console.path"},
      {"console.path = \"x\"", "console.path has no use with this console.mode"},
      {"vsock.cid = 2", "vsock.cid must be 3 to"},
      {"[[disk]]\nreadonly = true", "disk.path is missing"},
      {"[[disk]]\npath = \"a\"\n[[disk]]\npath = \"a\"", "two disks write to a"},
      {"[[disk]]\npath = \"a\"\nid = \"x\"\n[[disk]]\npath = \"b\"\nid = \"x\"", "x is used twice"},
      {"[[disk]]\npath = \"a\"\nserial = \"123456789012345678901\"", "0 to 20 bytes"},
      {"[[disk]]\npath = \"a\\u0000b\"", "zero byte"},
      {"[[net]]\ntype = \"tap\"", "needs the interface's name"},
      {"[[net]]\ntap = \"tap0\"", "net.tap needs net.type \"tap\""},
      {"[[net]]\ntype = \"none\"\nforward = [\"1:1\"]", "net.forward needs net.type \"user\""},
      {"[[net]]\nvhost = \"on\"", "needs net.type \"tap\""},
      {"[[net]]\nforward = [\"22\"]", "must be [ADDRESS:]HOST_PORT"},
      {"[[net]]\nforward = [\"1:1\", \"1:2\"]", "TCP port 1 is used twice"},
      {"[[net]]\nmac = \"53:00:00:00:00:01\"", "multicast"},
      {"[[net]]\nmac = \"52:00:00:00:00:01\"\n[[net]]\nmac = \"52:00:00:00:00:01\"",
       "net.mac: 52:00:00:00:00:01 is used twice"},
      {"[[net]]\ntype = \"tap\"\ntap = \"a\"\n[[net]]\ntype = \"tap\"\ntap = \"a\"",
       "net.tap: a is used twice"},
  };
  for (const auto& test : cases) {
    const Loaded loaded = load(bootable(test.text));
    EXPECT_FALSE(loaded.ok()) << test.text;
    EXPECT_THAT(report(loaded), HasSubstr(test.message)) << test.text;
  }
}

TEST(Load, two_readers_may_share_a_disk) {
  const Loaded loaded = load(bootable(
      "[[disk]]\npath = \"a\"\nreadonly = true\n[[disk]]\npath = \"a\"\nreadonly = true\n"));
  EXPECT_TRUE(loaded.ok()) << report(loaded);
}

TEST(Load, more_repeated_sections_than_slots_are_refused) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "[[net]]\n";
  EXPECT_THAT(report(load(bootable(text))), HasSubstr("there are 30 [[net]], at most 24"));
}

TEST(Load, topology_takes_what_is_left_from_the_count) {
  const Loaded loaded = load(bootable("cpu = { count = 8, topology = { threads = 2 } }"));
  ASSERT_TRUE(loaded.ok()) << report(loaded);
  EXPECT_EQ(loaded.config.cpu.topology, (CpuTopology{1, 4, 2}));
}

TEST(Load, cmdline_without_the_console_is_a_warning) {
  const Loaded loaded =
      load("[boot]\nkernel = \"k\"\ncmdline = \"quiet\"\n[console]\ntype = \"virtio\"\n");
  EXPECT_TRUE(loaded.ok());
  EXPECT_THAT(ids(loaded), ElementsAre("W1101@3:11"));
  EXPECT_THAT(report(loaded), HasSubstr("console=hvc0"));
}

TEST(Load, console_warning_is_for_linux_alone) {
  EXPECT_TRUE(load("boot = { kernel = \"k\", format = \"flat\" }\n").problems.empty());
}

TEST(Load, serial_console_has_the_architecture_s_name) {
  const std::string text = "[boot]\nkernel = \"k\"\ncmdline = \"console=ttyS0\"\n";
  EXPECT_TRUE(load(text).problems.empty());
  EXPECT_THAT(report(load_on(Architecture::kArm64, text)), HasSubstr("add console=ttyAMA0"));
}

TEST(Load, another_architecture_s_values_are_refused) {
  EXPECT_EQ(report(load(bootable("[vm]\ngic = \"2\"\n"))),
            "vm.toml:4:7: error[E1010]: vm.gic = \"2\" is for arm64 only, and this machine is "
            "x86_64\n"
            "    4 | gic = \"2\"\n"
            "      |       ^^^\n"
            "   help: remove it, or keep it in a profile for arm64\n");
  for (const char* text :
       {"boot.fast = \"off\"", "boot.format = \"flat\"", "cpu.model = \"baseline\"",
        "cpu.nested = true", "pci_bus.config_ports = \"on\"", "pci_bus.config_ports = \"off\""}) {
    EXPECT_TRUE(load(bootable(text)).ok()) << text;
    EXPECT_THAT(report(load_on(Architecture::kArm64, bootable(text))),
                HasSubstr("is for x86_64 only, and this machine is arm64"))
        << text;
  }
}

TEST(Load, another_architecture_s_defaults_may_be_written) {
  EXPECT_TRUE(load(bootable("vm.gic = \"auto\"")).ok());
  for (const char* text : {"boot.fast = \"auto\"", "cpu = { model = \"host\", nested = false }"}) {
    EXPECT_TRUE(load_on(Architecture::kArm64, bootable(text)).ok()) << text;
  }
}

TEST(Load, gic_limits_the_cpus) {
  const auto with = [](const char* gic, int cpus) {
    return load_on(Architecture::kArm64,
                   bootable(fmt::format("cpu.count = {}\nvm.gic = \"{}\"\n", cpus, gic)));
  };
  EXPECT_TRUE(with("2", 8).ok());
  EXPECT_EQ(with("2", 8).config.vm.gic, GicVersion::kV2);
  EXPECT_THAT(report(with("2", 9)),
              HasSubstr("vm.toml:3:13: error[E1006]: cpu.count is 9, but a GICv2 serves at most 8 "
                        "CPUs"));
  for (const char* gic : {"3", "auto"}) {
    EXPECT_TRUE(with(gic, 123).ok());
    EXPECT_THAT(report(with(gic, 124)), HasSubstr("a GICv3 serves at most 123 CPUs"));
  }
  EXPECT_TRUE(load(bootable("cpu.count = 255")).ok());
}

TEST(Load, automatic_mac_is_stable_local_and_different_for_each_interface) {
  const Config first = load(bootable("[[net]]\n[[net]]\n")).config;
  const Config again = load(bootable("[[net]]\n[[net]]\n")).config;
  ASSERT_EQ(first.nets.size(), 2U);
  EXPECT_EQ(first.nets[0].mac, again.nets[0].mac);
  EXPECT_NE(first.nets[0].mac, first.nets[1].mac);
  EXPECT_EQ((*first.nets[0].mac)[0] & 3, 2);
  EXPECT_TRUE(parse_mac(format_mac(*first.nets[0].mac)));
}

TEST(Load, syntax_error_has_its_place) {
  const Loaded loaded = load("[vm]\nname = \"unterminated\n");
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(loaded.problems[0].id, ProblemId::kSyntax);
  EXPECT_EQ(loaded.problems[0].line, 2U);
}

TEST(Load, characters_beyond_ascii_are_for_strings_and_comments) {
  EXPECT_TRUE(load("\xef\xbb\xbf# é\nboot.kernel = \"é\"\nboot.cmdline = 'console=ttyS0 ü'\n")
                  .problems.empty());
  EXPECT_THAT(ids(load("[vm]\n  naïve = 1\n")), ElementsAre("E1000@2:5"));
  EXPECT_THAT(ids(load("\xef\xbb\xbe = 1\n")), ElementsAre("E1000@1:1"));
  // To the parser these strings are a part of the number.
  EXPECT_THAT(ids(load("a = 0\"ў\"\n")), ElementsAre("E1000@1:6"));
  EXPECT_THAT(ids(load("a = 0..\"ў\"\n")), ElementsAre("E1000@1:7"));
}

TEST(Load, texts_that_the_parser_asserts_on_are_syntax_errors) {
  const Loaded loaded = load("[vm]\nname = \"a\"\n[!boot]\nkernel = \"k\"\n");
  EXPECT_THAT(ids(loaded), ElementsAre("E1000@3:1")) << report(loaded);
}

TEST(Load, text_that_is_not_utf8_is_a_syntax_error) {
  const Loaded loaded = load("[vm]\nname = \"\xff\xfe\"\n");
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(loaded.problems[0].id, ProblemId::kSyntax);
}

TEST(Load, bombs_of_depth_are_refused) {
  std::string key = "a";
  for (int i = 0; i < 200'000; ++i) key += ".a";
  std::string array;
  for (int i = 0; i < 100'000; ++i) array += '[';
  for (const std::string& text :
       {key + " = 1", "[" + key + "]", "[vm]\nx = {" + key + " = 1}", "x = " + array,
        "x = '''a''''\n" + key + " = 1", "s = \"\"\"a\\\"\"\"\"\"\n" + key + " = 1"}) {
    const Loaded loaded = load(text);
    ASSERT_EQ(loaded.problems.size(), 1U);
    EXPECT_EQ(loaded.problems[0].id, ProblemId::kSyntax);
  }
}

TEST(Load, dots_in_values_are_not_depth) {
  const std::string dots(500, '.');
  const Loaded loaded = load("# " + dots + "\nboot.kernel = \"k\" # " + dots +
                             "\nboot.cmdline = \"console=ttyS0 " + dots + "\"\n");
  EXPECT_TRUE(loaded.problems.empty()) << report(loaded);
}

TEST(Load, bomb_of_keys_is_refused) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "k" + std::to_string(i) + " = 1\n";
  const Loaded loaded = load(text);
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_THAT(loaded.problems[0].message, HasSubstr("more than 10000"));
}

constexpr const char* kProfiles =
    "[cpu]\ncount = 2\n[[disk]]\nid = \"root\"\npath = \"a\"\n"
    "[profile.big.cpu]\ncount = 8\n"
    "[[profile.big.disk]]\nid = \"root\"\nreadonly = true\n"
    "[[profile.big.disk]]\nid = \"data\"\npath = \"d\"\n"
    "[profile.small.memory]\nsize = \"64M\"\n";

TEST(Profile, merges_into_tables_and_into_items_by_id) {
  const Loaded loaded = load(bootable(kProfiles), {.profiles = {"big", "small"}});
  ASSERT_TRUE(loaded.problems.empty()) << report(loaded);
  EXPECT_EQ(loaded.config.cpu.count, 8U);
  EXPECT_EQ(loaded.config.memory.size, uint64_t{64} << 20);
  ASSERT_EQ(loaded.config.disks.size(), 2U);
  EXPECT_EQ(loaded.config.disks[0].path, "a");
  EXPECT_TRUE(loaded.config.disks[0].readonly);
  EXPECT_EQ(loaded.config.disks[1].id, "data");
}

TEST(Profile, without_being_named_changes_nothing) {
  const Loaded loaded = load(bootable(kProfiles));
  ASSERT_TRUE(loaded.problems.empty()) << report(loaded);
  EXPECT_EQ(loaded.config.cpu.count, 2U);
  EXPECT_EQ(loaded.config.disks.size(), 1U);
}

TEST(Profile, unused_ones_are_checked_too_and_reported_once) {
  const std::string text = "[profile.a.cpu]\ncuont = 8\n";
  EXPECT_THAT(ids(load(bootable(text))), ElementsAre("E1002@4:1"));
  EXPECT_THAT(ids(load(bootable(text), {.profiles = {"a"}})), ElementsAre("E1002@4:1"));
}

TEST(Profile, for_another_architecture_is_refused_only_where_it_is_used) {
  const std::string text = bootable("[profile.arm.vm]\ngic = \"3\"\n");
  EXPECT_TRUE(load(text).ok());
  EXPECT_FALSE(load(text, {.profiles = {"arm"}}).ok());
  EXPECT_TRUE(load_on(Architecture::kArm64, text, {.profiles = {"arm"}}).ok());
}

TEST(Profile, unknown_name_is_an_error_with_a_suggestion) {
  EXPECT_THAT(report(load(bootable(kProfiles), {.profiles = {"bgi"}})),
              HasSubstr("did you mean `big`?"));
  EXPECT_THAT(report(load(bootable(kProfiles), {.profiles = {"other"}})),
              HasSubstr("it has big, small"));
}

class LoadFile : public ::testing::Test {
 protected:
  LoadFile() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lintel-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~LoadFile() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = folder_ / name;
    std::ofstream(path) << text;
    return path.string();
  }

  std::filesystem::path folder_;
};

TEST_F(LoadFile, files_are_looked_for_beside_it) {
  write("bzImage", "k");
  const std::string path = write("my vm.toml", bootable("boot.initrd = \"gone.cpio\"\n"
                                                        "[[disk]]\npath = \".\"\n"));
  const Loaded loaded = load_file(path, {});
  EXPECT_THAT(ids(loaded), ElementsAre("E1005@3:15", "E1005@5:8")) << report(loaded);
  EXPECT_THAT(report(loaded), HasSubstr("gone.cpio: No such file or directory"));
  EXPECT_THAT(report(loaded), HasSubstr("it is a directory"));
  EXPECT_EQ(loaded.config.vm.name, "my-vm");
}

TEST_F(LoadFile, name_that_no_machine_can_have_is_changed) {
  write("bzImage", "k");
  for (const auto& [file, name] : {std::pair{"lock.toml", "vm-lock"},
                                   {"bound.json.toml", "vm-bound-json"},
                                   {"a.sock.toml", "vm-a-sock"},
                                   {".hidden.toml", "vm--hidden"}}) {
    const Loaded loaded = load_file(write(file, bootable("")), {});
    EXPECT_TRUE(loaded.ok()) << report(loaded);
    EXPECT_EQ(loaded.config.vm.name, name);
  }
}

TEST_F(LoadFile, missing_huge_or_odd_files_are_one_clear_error) {
  EXPECT_THAT(report(load_file(folder_ / "none.toml", {})),
              HasSubstr("none.toml: error[E1007]: cannot open the file: No such file"));
  EXPECT_THAT(report(load_file(folder_, {})), HasSubstr("cannot read the file: Is a directory"));
  EXPECT_THAT(report(load_file(write("big.toml", std::string((1 << 20) + 1, '#')), {})),
              HasSubstr("larger than 1 MiB"));
}

TEST_F(LoadFile, one_file_under_two_names_is_one_disk) {
  write("k", "");
  write("img", "");
  std::filesystem::create_symlink("img", folder_ / "link");
  const std::string path = write("vm.toml",
                                 "boot = { kernel = \"k\", cmdline = \"console=ttyS0\" }\n"
                                 "[[disk]]\npath = \"img\"\n[[disk]]\npath = \"link\"\n");
  EXPECT_THAT(ids(load_file(path, {})), ElementsAre("E1006@5:8"));
}

}  // namespace
}  // namespace lintel::config
