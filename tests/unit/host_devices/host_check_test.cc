// SPDX-License-Identifier: Apache-2.0
#include "vmm/host_devices/host_check.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "passthrough/backend.h"
#include "tests/unit/passthrough/host/fake_host.h"
#include "vmm/config/load.h"
#include "vmm/memory/address_plan.h"

namespace lintel::host_devices {
namespace {

using namespace passthrough::host;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// What stands in front of the [[pci]] blocks, on lines 1 to 3.
const std::string kHead =
    "boot.kernel = \"k\"\nboot.cmdline = \"console=ttyS0\"\nmemory.size = \"1G\"\n";

// Where the board could have RAM.
constexpr GuestRange kRamArea{GuestAddress(0), 2 * kGiB};

class ValidateHost : public ::testing::Test {
 protected:
  ValidateHost() { host_.add({}); }

  config::Loaded load(const std::string& rest) const {
    config::LoadOptions options{.check_files = false};
    options.check_host = [&](const config::Config& config, const config::Places& places,
                             config::Diagnostics& diagnostics) {
      const auto place = [&](std::span<const GuestRange> usable) {
        return plan_ram(config.memory.size, std::array{kRamArea}, usable, 2 * kMiB);
      };
      check_host({host_.tree(), journals_, place, window_}, config, places, diagnostics);
    };
    return config::load_text("vm.toml", kHead + rest, options);
  }
  static std::vector<std::string> ids(const config::Loaded& loaded) {
    std::vector<std::string> out;
    for (const config::Problem& problem : loaded.problems) {
      out.push_back(fmt::format("{}{}@{}", problem.severity == config::Severity::kError ? "E" : "W",
                                static_cast<int>(problem.id), problem.line));
    }
    return out;
  }
  std::vector<std::string> problems(const std::string& rest) const { return ids(load(rest)); }
  std::string text(const std::string& rest) const { return to_text(load(rest).problems); }

  // To vfio-pci, with a container's nodes. Returns its folder.
  std::string bind_gpu_by_hand() {
    host_.make_driver("vfio-pci");
    std::string gpu = FakeHost::folder("0000:01:00.0");
    host_.link(gpu + "/driver", "../../../../bus/pci/drivers/vfio-pci");
    host_.write("/dev/vfio/vfio", "");
    host_.write("/dev/vfio/14", "");
    return gpu;
  }

  FakeHost host_;
  JournalFolder journals_{host_.tree(), "/lintel"};
  GuestRange window_{GuestAddress(0xc0000000), 960 * kMiB};
};

TEST_F(ValidateHost, good_host_has_no_problem) {
  EXPECT_EQ(text("[[pci]]\ndevice = \"01:00.0\"\nexpect = \"10de:2684\"\n"), "");
  EXPECT_EQ(text(""), "");
}

TEST_F(ValidateHost, functions_that_another_section_takes_do_not_stay_behind) {
  host_.add({.address = "0000:01:00.1",
             .ids = "10de:22ba",
             .class_code = "0x040300",
             .driver = "snd_hda_intel"});
  const std::string picture = "[[pci]]\ndevice = \"01:00.0\"\n";
  EXPECT_THAT(text(picture), HasSubstr("W2107"));
  EXPECT_EQ(text(picture + "[[pci]]\ndevice = \"01:00.1\"\n"), "");
}

TEST_F(ValidateHost, every_problem_has_its_caret) {
  host_.add({.address = "0000:01:00.1",
             .ids = "10de:22ba",
             .class_code = "0x040300",
             .driver = "snd_hda_intel"});
  EXPECT_THAT(problems("[[pci]]\ndevice = \"01:00.0\"\n"
                       "[[pci]]\ndevice = \"0000:09:00.0\"\n"
                       "[[pci]]\ndevice = \"0000:01:00.1\"\nexpect = \"1234:5678\"\n"),
              ElementsAre("W2107@5", "E2110@5", "E2101@7", "E2104@10"));
  EXPECT_EQ(text("[[pci]]\ndevice = \"01:00.0\"\nexpect = \"10de:2782\"\n"),
            "vm.toml:6:10: error[E2104]: 0000:01:00.0 is 10de:2684, not 10de:2782\n"
            "    6 | expect = \"10de:2782\"\n"
            "      |          ^^^^^^^^^^^\n"
            "   note: the host has no 10de:2782\n"
            "   help: correct `device`, or `expect` if this one is meant\n");
}

TEST_F(ValidateHost, device_of_two_blocks_is_a_conflict) {
  EXPECT_THAT(problems("[[pci]]\ndevice = \"10de:2684\"\n[[pci]]\ndevice = \"01:00.0\"\n"),
              ElementsAre("E1006@7"));
}

TEST_F(ValidateHost, manual_wants_vfio_and_a_node_to_open) {
  const std::string block = "[[pci]]\ndevice = \"01:00.0\"\nbind = \"manual\"\n";
  EXPECT_THAT(problems(block), ElementsAre("E2106@6"));
  host_.link(FakeHost::folder("0000:01:00.0") + "/driver", "x/vfio-pci");
  EXPECT_THAT(text(block), HasSubstr("vm.toml:5:10: error[E2117]: This host has no VFIO"));
  host_.write("/dev/vfio/vfio", "");
  EXPECT_THAT(text(block), HasSubstr("vm.toml:5:10: error[E2116]: there is no /dev/vfio/14"));
  host_.write("/dev/vfio/14", "");
  EXPECT_THAT(problems(block), IsEmpty());
}

TEST_F(ValidateHost, manual_wants_the_nodes_that_its_back_end_opens) {
  const std::string folder = FakeHost::folder("0000:01:00.0");
  const std::string block = "[[pci]]\ndevice = \"01:00.0\"\nbind = \"manual\"\n";
  const std::string iommufd = block + "[passthrough]\nbackend = \"iommufd\"\n";
  host_.link(folder + "/driver", "x/vfio-pci");
  host_.write("/dev/vfio/vfio", "");
  host_.write("/dev/vfio/14", "");
  if (!passthrough::find_backends().built_with_iommufd) {
    EXPECT_THAT(problems(iommufd), ElementsAre("E2117@8"));
    return;
  }
  EXPECT_THAT(text(iommufd), HasSubstr("vm.toml:8:11: error[E2117]: This host has no iommufd"));
  host_.write("/dev/iommu", "");
  host_.write("/dev/vfio/devices/vfio3", "");
  EXPECT_THAT(text(iommufd), HasSubstr("there is no /dev/vfio/devices/vfioN of 0000:01:00.0"));
  host_.write(folder + "/vfio-dev/vfio4", "");
  EXPECT_THAT(text(iommufd), HasSubstr("there is no /dev/vfio/devices/vfio4"));
  host_.remove(folder + "/vfio-dev/vfio4");
  host_.write(folder + "/vfio-dev/vfio3", "");
  EXPECT_EQ(text(iommufd), "");
  host_.remove("/dev/vfio/14");
  EXPECT_EQ(text(iommufd), "");
  EXPECT_THAT(problems(block), ElementsAre("E2116@5"));
  host_.remove("/dev/vfio/vfio");
  EXPECT_EQ(text(block), "") << "without a container it is iommufd by itself";
}

TEST_F(ValidateHost, manual_without_an_iommu_wants_the_nodes_of_that_mode) {
  const std::string block = "[[pci]]\ndevice = \"01:00.0\"\nbind = \"manual\"\n";
  const std::string word = block + "[passthrough]\nunsafe_noiommu = true\n";
  host_.link(FakeHost::folder("0000:01:00.0") + "/driver", "x/vfio-pci");
  host_.write("/sys/kernel/iommu_groups/14/name", "vfio-noiommu\n");
  host_.write("/dev/vfio/vfio", "");
  EXPECT_THAT(text(word), HasSubstr("there is no /dev/vfio/noiommu-14"));
  host_.write("/dev/vfio/noiommu-14", "");
  EXPECT_EQ(text(word), "");
  EXPECT_THAT(problems(block), ElementsAre("E2109@5"));
}

TEST_F(ValidateHost, memory_that_may_not_be_locked_is_counted) {
  const std::string block = "[[pci]]\ndevice = \"01:00.0\"\n";
  host_.write("/proc/self/limits", "Max locked memory  65536  8388608  bytes\n");
  host_.write("/proc/self/status", "CapEff:\t0000000000000000\n");
  const std::string shown = text(block);
  EXPECT_THAT(shown, HasSubstr("vm.toml:3:15: error[E2112]"));
  EXPECT_THAT(shown, HasSubstr("need 1048576 KiB"));
  EXPECT_THAT(shown, HasSubstr("at most 8192 KiB"));
  EXPECT_THAT(shown, HasSubstr("`ulimit -l 1048576`, LimitMEMLOCK=1073741824"));
  host_.write("/proc/self/status", "CapEff:\t0000000000004000\n");
  EXPECT_EQ(text(block), "");
  host_.write("/proc/self/status", "CapEff:\t0000000000000000\n");
  host_.write("/proc/self/limits", "Max locked memory  65536  unlimited  bytes\n");
  EXPECT_EQ(text(block), "");
  host_.write("/proc/self/limits", "Max locked memory  65536  1073741823  bytes\n");
  EXPECT_THAT(problems(block), ElementsAre("E2112@3"));
  host_.write("/proc/self/limits", "Max locked memory  65536  1073741824  bytes\n");
  EXPECT_EQ(text(block), "");
  EXPECT_EQ(text(block + "[passthrough]\npeer_to_peer = true\n"), "");
}

TEST_F(ValidateHost, addresses_and_windows_are_checked) {
  const std::string block = "[[pci]]\ndevice = \"01:00.0\"\n";
  host_.write("/sys/kernel/iommu_groups/14/reserved_regions",
              "0x0000000008000000 0x00000000080fffff msi\n");
  EXPECT_EQ(text(block), "") << "RAM goes around it";
  host_.write("/sys/kernel/iommu_groups/14/reserved_regions",
              "0x0000000008000000 0x000000006fffffff reserved\n");
  EXPECT_THAT(problems(block), ElementsAre("E2111@3"));
  host_.write("/sys/kernel/iommu_groups/14/reserved_regions", "");
  window_.size = 8 * kMiB;
  EXPECT_THAT(problems(block), ElementsAre("E2113@5"));
  window_.size = 960 * kMiB;
  host_.write("/sys/class/iommu/dmar0/intel-iommu/cap", "1d0000\n");  // 30 bits
  EXPECT_THAT(problems(block), IsEmpty());
  EXPECT_THAT(problems(block + "[passthrough]\npeer_to_peer = true\n"), ElementsAre("E2113@3"));
  host_.write("/sys/class/iommu/dmar0/intel-iommu/cap", "1c0000\n");
  EXPECT_THAT(problems(block), ElementsAre("E2113@3"));
}

TEST_F(ValidateHost, host_without_iommu_needs_the_word) {
  host_.remove("/sys/kernel/iommu_groups");
  host_.remove(FakeHost::folder("0000:01:00.0") + "/iommu_group");
  const std::string block = "[[pci]]\ndevice = \"01:00.0\"\n";
  EXPECT_THAT(problems(block), ElementsAre("E2109@5"));
  EXPECT_THAT(problems(block + "[passthrough]\nunsafe_noiommu = true\n"), IsEmpty());
}

TEST_F(ValidateHost, word_for_no_iommu_says_nothing_of_one_that_is_there) {
  const std::string block = "[[pci]]\ndevice = \"01:00.0\"\n[passthrough]\nunsafe_noiommu = true\n";
  EXPECT_THAT(problems(block), IsEmpty());
  host_.write("/sys/kernel/iommu_groups/14/reserved_regions",
              "0x0000000000001000 0x0000000000001fff direct\n");
  host_.add({.address = "0000:02:00.0", .ids = "8086:10d3", .driver = "e1000e"});
  EXPECT_THAT(problems(block), ElementsAre("E2110@5", "E2111@5"));
}

TEST_F(ValidateHost, rom_file_is_looked_into) {
  host_.write("/x.rom", "no ROM");
  const std::string block =
      "[[pci]]\ndevice = \"01:00.0\"\nrom = \"" + host_.tree().at("/x.rom") + "\"\n";
  EXPECT_THAT(problems(block), ElementsAre("E2115@6"));
}

TEST_F(ValidateHost, busy_disk_and_reset_are_said) {
  host_.write(FakeHost::folder("0000:01:00.0") + "/reset_method", "\n");
  host_.add_disk("0000:01:00.0", "nvme0n1", 1);
  host_.write("/proc/swaps", "Filename\n/dev/nvme0n1p1 partition 1 0 -2\n");
  const std::string block = "[[pci]]\ndevice = \"01:00.0\"\n";
  EXPECT_THAT(problems(block), ElementsAre("E2105@5", "W2114@5"));
  EXPECT_THAT(problems(block + "reset = \"none\"\n"), ElementsAre("E2105@5"));
}

TEST_F(ValidateHost, reset_that_the_device_lacks_is_said) {
  const std::string block = "[[pci]]\ndevice = \"01:00.0\"\nreset = ";
  EXPECT_THAT(problems(block + "\"flr\"\n"), IsEmpty());
  EXPECT_THAT(problems(block + "\"bus\"\n"), IsEmpty());
  EXPECT_THAT(problems(block + "\"device_specific\"\n"), ElementsAre("E2114@6"));
  EXPECT_THAT(problems(block + "\"pm\"\n"), ElementsAre("E2114@6"));
  host_.write(FakeHost::folder("0000:01:00.0") + "/reset_method", "bus\n");
  EXPECT_THAT(problems(block + "\"flr\"\n"), ElementsAre("E2114@6"));
  host_.add({.address = "0000:01:05.0", .driver = "", .group = 15});
  EXPECT_THAT(problems(block + "\"bus\"\n"), ElementsAre("W2114@6"));
}

TEST_F(ValidateHost, neighbour_that_is_not_to_be_reset_is_said) {
  host_.add({.address = "0000:01:00.1", .ids = "10de:22ba", .driver = "snd_hda_intel"});
  host_.write(FakeHost::folder("0000:01:00.0") + "/reset_method", "bus\n");
  const auto both = [](const std::string& gpu, const std::string& audio) {
    return "[[pci]]\ndevice = \"01:00.0\"\nfunctions = \"one\"\n" + gpu +
           "[[pci]]\ndevice = \"01:00.1\"\nfunctions = \"one\"\n" + audio;
  };
  EXPECT_THAT(text(both("", "")), Not(HasSubstr("W2114")));
  for (const char* audio : {"reset = \"none\"\n", "reset_when = [\"start\"]\n"}) {
    EXPECT_THAT(text(both("", audio)), HasSubstr("snd_hda_intel  (not to be reset)")) << audio;
    EXPECT_THAT(text(both("reset = \"bus\"\n", audio)), HasSubstr("W2114")) << audio;
  }
  EXPECT_THAT(text(both("reset_when = [\"start\"]\n", "reset_when = [\"start\"]\n")),
              Not(HasSubstr("W2114")));
}

TEST_F(ValidateHost, reset_method_that_is_not_the_first_needs_a_change) {
  const std::string gpu = bind_gpu_by_hand();
  const std::string block = "[[pci]]\ndevice = \"01:00.0\"\nbind = \"manual\"\nreset = \"flr\"\n";
  host_.write(gpu + "/reset_method", "flr bus\n");
  EXPECT_THAT(problems(block), ElementsAre("E2114@7"));
  host_.write(gpu + "/reset_method", "flr\n");
  EXPECT_THAT(problems(block), IsEmpty());
}

TEST_F(ValidateHost, reset_methods_of_before_are_judged_where_they_come_back) {
  const std::string gpu = bind_gpu_by_hand();
  host_.write(gpu + "/reset_method", "pm\n");
  ForkingWriter writer(host_.tree(), {});
  OldState old = old_state(writer, take_inventory(host_.tree()).functions.front());
  old.reset_methods = "flr pm";
  const UniqueFd lock = journals_.lock();
  journals_.store({.name = "killed", .owner = ProcessId{1, 1}, .devices = {old}});
  const std::string block = "[[pci]]\ndevice = \"01:00.0\"\nreset = \"flr\"\n";
  EXPECT_THAT(problems(block), IsEmpty());
  const std::string manual = "[[pci]]\ndevice = \"01:00.0\"\nbind = \"manual\"\nreset = ";
  EXPECT_THAT(problems(manual + "\"flr\"\n"), ElementsAre("E2114@7"));
  EXPECT_THAT(problems(manual + "\"pm\"\n"), IsEmpty());
  old.ids.device ^= 1;  // another card was there
  journals_.store({.name = "killed", .owner = ProcessId{1, 1}, .devices = {old}});
  EXPECT_THAT(problems(block), ElementsAre("E2114@6"));
}

TEST_F(ValidateHost, legacy_vga_needs_a_vga_controller) {
  host_.add({.address = "0000:01:00.1", .ids = "10de:22ba", .class_code = "0x040300"});
  const std::string all = "functions = \"all\"\n";
  EXPECT_THAT(problems("[[pci]]\ndevice = \"01:00.0\"\nvga = true\n" + all), IsEmpty());
  EXPECT_THAT(problems("[[pci]]\ndevice = \"01:00.1\"\nvga = true\n" + all),
              ElementsAre("E2128@6"));
}

TEST_F(ValidateHost, neighbour_without_the_reset_is_no_problem) {
  host_.add({.address = "0000:01:00.1", .ids = "10de:22ba", .driver = "snd_hda_intel"});
  host_.write(FakeHost::folder("0000:01:00.1") + "/reset_method", "pm\n");
  const std::string block = "[[pci]]\ndevice = \"01:00.0\"\nfunctions = \"all\"\nreset = \"flr\"\n";
  EXPECT_THAT(problems(block), IsEmpty());
}

}  // namespace
}  // namespace lintel::host_devices
