// SPDX-License-Identifier: Apache-2.0
#include "vmm/commands/machine_check.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/passthrough/host/fake_host.h"
#include "vmm/base/error.h"
#include "vmm/base/unique_fd.h"
#include "vmm/config/load.h"

namespace lintel::commands {
namespace {

using ::testing::HasSubstr;

class ValidateMachine : public ::testing::Test {
 protected:
  ValidateMachine() {
    std::filesystem::create_directories(at("/run"));
    host_.write("/bin/passt", "");
    chmod(at("/bin/passt").c_str(), 0755);
  }

  // A path that is really there, below the host's root.
  std::string at(const std::string& path) const { return host_.tree().at(path); }

  std::string text(const std::string& rest) const {
    config::LoadOptions options{.check_files = false};
    options.check_host = [&](const config::Config& config, const config::Places& places,
                             config::Diagnostics& diagnostics) {
      check_machine({.tree = host_.tree(),
                     .search_path = "/nowhere:" + at("/bin"),
                     .run_folder = at("/run/lintel"),
                     .user = user_,
                     .kvm_cpus = kvm_cpus_},
                    config, places, diagnostics);
    };
    return to_text(
        config::load_text("vm.toml",
                          "boot.kernel = \"k\"\nboot.cmdline = \"console=ttyS0\"\n" + rest, options)
            .problems);
  }

  passthrough::host::FakeHost host_;
  unsigned user_ = 1000;
  std::function<unsigned()> kvm_cpus_ = [] { return 8U; };
};

TEST_F(ValidateMachine, host_that_has_all_has_no_problem) {
  host_.write("/images/disk", "x");
  host_.write("/sys/devices/system/cpu/online", "0-2,7\n");
  host_.write("/proc/meminfo", "MemTotal: 4194304 kB\nMemAvailable: 1024 kB\n");
  EXPECT_EQ(text("cpu.count = 4\nconsole = { mode = \"file\", path = \"" + at("/run/log") +
                 "\" }\n[[disk]]\npath = \"" + at("/images/disk") + "\"\n[[net]]\n"),
            "");
}

TEST_F(ValidateMachine, kvm_that_runs_no_guest_is_said_with_what_helps) {
  kvm_cpus_ = []() -> unsigned {
    throw Error("Cannot open /dev/kvm", EACCES).with_help("join its group");
  };
  EXPECT_EQ(text(""),
            "vm.toml: error[E2118]: Cannot open /dev/kvm: Permission denied (13)\n"
            "   help: join its group\n");
}

TEST_F(ValidateMachine, processors_are_counted) {
  EXPECT_THAT(text("cpu.count = 9\n"),
              HasSubstr("vm.toml:3:13: error[E2119]: this host's KVM gives a guest at most 8"));
  host_.write("/sys/devices/system/cpu/online", "0-1,5\n");
  EXPECT_EQ(text("cpu.count = 3\n"), "");
  EXPECT_THAT(text("cpu.count = 4\n"), HasSubstr("warning[W2119]: the guest has 4 processors, and "
                                                 "this host 3"));
}

TEST_F(ValidateMachine, huge_pages_are_counted) {
  const std::string memory = "memory = { size = \"1G\", hugepages = \"2M\" }\n";
  EXPECT_THAT(text(memory), HasSubstr("error[E2120]: this host has no pages of 2M"));
  const std::string folder = "/sys/kernel/mm/hugepages/hugepages-2048kB";
  host_.write(folder + "/nr_hugepages", "600\n");
  host_.write(folder + "/free_hugepages", "600\n");
  host_.write(folder + "/resv_hugepages", "100\n");
  const std::string few = text(memory);
  EXPECT_THAT(few, HasSubstr("the guest's RAM is 512 pages of 2M, and this host has 500 left"));
  EXPECT_THAT(few, HasSubstr("as root: echo 612 > " + folder + "/nr_hugepages"));
  host_.write(folder + "/nr_overcommit_hugepages", "12\n");
  EXPECT_EQ(text(memory), "");
}

TEST_F(ValidateMachine, ram_beyond_the_hosts_is_a_warning) {
  host_.write("/proc/meminfo", "MemTotal: 4194304 kB\nMemAvailable: 1048576 kB\n");
  EXPECT_EQ(text("memory.size = \"4G\"\n"), "");
  EXPECT_THAT(text("memory.size = \"5G\"\n"), HasSubstr("warning[W2120]"));
  EXPECT_THAT(text("memory = { size = \"2G\", prefault = true }\n"),
              HasSubstr("this host has 1024 MiB available"));
}

TEST_F(ValidateMachine, console_needs_a_place_to_be_made) {
  const auto console = [&](const std::string& mode, const std::string& path) {
    return text("console = { mode = \"" + mode + "\", path = \"" + at(path) + "\" }\n");
  };
  EXPECT_EQ(console("file", "/run/new"), "");
  EXPECT_EQ(console("socket", "/run/new"), "");
  EXPECT_THAT(console("file", "/nowhere/new"),
              HasSubstr("error[E2121]: you cannot write to " + at("/nowhere") + ": No such file"));
  EXPECT_THAT(console("file", "/run"), HasSubstr("is a directory"));
  EXPECT_THAT(console("socket", "/bin/passt"), HasSubstr("is there and is no socket"));
  EXPECT_THAT(console("socket", "/run/" + std::string(108, 'x')), HasSubstr("too long"));
}

TEST_F(ValidateMachine, disk_that_a_process_has_locked_is_said) {
  host_.write("/images/disk", "x");
  const std::string file = at("/images/disk");
  const std::string disk = "[[disk]]\npath = \"" + file + "\"\n";
  const UniqueFd fd = open_file(file, O_RDONLY);
  ASSERT_EQ(flock(fd.get(), LOCK_SH), 0);
  EXPECT_THAT(text(disk), HasSubstr("vm.toml:4:8: error[E2122]: " + file +
                                    fmt::format(" is locked by process {}", getpid())));
  EXPECT_EQ(text(disk + "readonly = true\n"), "") << "two may read";
  ASSERT_EQ(flock(fd.get(), LOCK_EX), 0);
  EXPECT_THAT(text(disk + "readonly = true\n"), HasSubstr("error[E2122]"));
  EXPECT_EQ(flock(fd.get(), LOCK_EX | LOCK_NB), 0) << "nobody else has locked it";
  flock(fd.get(), LOCK_UN);
  EXPECT_EQ(text(disk), "");
}

TEST_F(ValidateMachine, disk_must_be_one) {
  EXPECT_THAT(text("[[disk]]\npath = \"" + at("/run") + "\"\n"),
              HasSubstr("neither a regular file nor a block device"));
  EXPECT_THAT(text("[[disk]]\npath = \"" + at("/nowhere") + "\"\n"), HasSubstr("there is no disk"));
}

TEST_F(ValidateMachine, tap_interface_is_looked_at) {
  const std::string net = "[[net]]\ntype = \"tap\"\ntap = \"tap0\"\n";
  EXPECT_THAT(text(net), HasSubstr("error[E2126]: there is no /dev/net/tun"));
  host_.write("/dev/net/tun", "");
  EXPECT_THAT(text(net), HasSubstr("vm.toml:5:7: error[E2123]: there is no interface tap0"));
  const std::string folder = "/sys/class/net/tap0";
  host_.write(folder + "/tun_flags", "0x4001\n");
  EXPECT_THAT(text(net), HasSubstr("tap0 is no plain tap interface"));
  host_.write(folder + "/tun_flags", "0x1002\n");
  host_.write(folder + "/owner", "-1\n");
  host_.write(folder + "/flags", "0x1003\n");
  host_.write(folder + "/carrier", "0\n");
  EXPECT_EQ(text(net), "");
  host_.write(folder + "/carrier", "1\n");
  EXPECT_THAT(text(net), HasSubstr("another program has tap0 open"));
  host_.write(folder + "/flags", "0x1002\n");
  EXPECT_THAT(text(net), HasSubstr("warning[W2123]: tap0 is down"));
  host_.write(folder + "/flags", "0x1003\n");
  host_.remove(folder + "/carrier");
  host_.write(folder + "/owner", "1001\n");
  EXPECT_THAT(text(net), HasSubstr("tap0 is the user 1001's, and you are 1000"));
  user_ = 0;
  EXPECT_EQ(text(net), "");
  host_.link(folder + "/master", "../../virtual/net/br0");
  host_.write("/sys/class/net/br0/flags", "0x1002\n");
  EXPECT_THAT(text(net), HasSubstr("warning[W2123]: tap0 is part of br0, which is down"));
  EXPECT_THAT(text(net + "vhost = \"on\"\n"), HasSubstr("there is no /dev/vhost-net"));
}

TEST_F(ValidateMachine, user_network_needs_its_program_and_ports) {
  EXPECT_EQ(text("[[net]]\nforward = [\"8080:80\"]\n"), "");
  host_.write("/proc/net/tcp", "  sl\n 0: 00000000:1F90 00000000:0000 0A\n");
  EXPECT_THAT(text("[[net]]\nforward = [\"8080:80\"]\n"),
              HasSubstr("error[E2124]: TCP port 8080 of this host is taken"));
  host_.write("/proc/sys/net/ipv4/ip_unprivileged_port_start", "1024\n");
  EXPECT_THAT(text("[[net]]\nforward = [\"80:80\"]\n"), HasSubstr("TCP port 80 is root's"));
  user_ = 0;
  EXPECT_EQ(text("[[net]]\nforward = [\"80:80\"]\n"), "");
  host_.remove("/bin/passt");
  EXPECT_THAT(text("[[net]]\n"), HasSubstr("error[E2125]: passt is not installed"));
}

TEST_F(ValidateMachine, sockets_and_nodes_must_be_there) {
  EXPECT_THAT(text("vsock.cid = 3\n"), HasSubstr("error[E2126]: there is no /dev/vhost-vsock"));
  const std::string served = "memory.shared = true\n[[pci]]\nsocket = \"";
  EXPECT_THAT(text(served + at("/run/none") + "\"\n"),
              HasSubstr("error[E2127]: there is no socket"));
  EXPECT_THAT(text(served + at("/bin/passt") + "\"\n"), HasSubstr("is no socket"));
  std::filesystem::remove_all(at("/run"));
  EXPECT_THAT(text(""), HasSubstr("vm.toml: warning[W2127]: there will be no control socket"));
}

}  // namespace
}  // namespace lintel::commands
