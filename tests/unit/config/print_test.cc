// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/support.h"
#include "vmm/config/render.h"

namespace lintel::config {
namespace {

using testing::bootable;
using ::testing::HasSubstr;
using testing::load;
using testing::load_on;
using ::testing::Not;
using testing::report;

constexpr const char* kFull = R"(
[vm]
timeout = "90s"
[cpu]
count = 4
topology = { threads = 2 }
[memory]
size = "1536M"
hugepages = "2M"
[[disk]]
path = "a \"b\".img"
[[disk]]
path = "/abs/c.img"
readonly = true
[[net]]
forward = ["2222:22", "[::1]:53:53/udp"]
[[net]]
type = "tap"
tap = "tap0"
mtu = 9000
[vsock]
cid = 42
)";

TEST(Print, shows_defaults_and_what_was_filled_in) {
  const std::string text = to_toml(load(bootable(kFull)).config);
  EXPECT_THAT(text, HasSubstr("shutdown_timeout = \"30s\"\ntimeout = \"90s\"\n"));
  EXPECT_THAT(text, HasSubstr("[cpu.topology]\nsockets = 1\ncores = 2\nthreads = 2\n"));
  EXPECT_THAT(text, HasSubstr("size = \"1536M\"\nhugepages = \"2M\"\n"));
  EXPECT_THAT(text, HasSubstr("id = \"disk1\"\npath = \"/abs/c.img\"\n"));
  EXPECT_THAT(text, HasSubstr("kernel = \"" + std::filesystem::absolute("bzImage").string()));
}

TEST(Print, leaves_out_what_is_not_set) {
  const std::string text = to_toml(load(bootable("")).config);
  EXPECT_THAT(text, Not(HasSubstr("vsock")));
  EXPECT_THAT(text, Not(HasSubstr("\ntimeout")));
  EXPECT_THAT(text, Not(HasSubstr("\npath")));
}

TEST(Print, loads_to_the_same_from_any_folder) {
  const std::string first = to_toml(load(bootable(kFull)).config);
  const Loaded again = load_text("/some/where/else.toml", first, {.check_files = false});
  ASSERT_TRUE(again.problems.empty()) << report(again);
  EXPECT_EQ(to_toml(again.config), first);
}

TEST(Print, loads_on_every_architecture) {
  const std::string x86 = to_toml(load(bootable("")).config);
  EXPECT_THAT(x86, HasSubstr("gic = \"auto\"\n"));
  const Loaded arm64 = load_on(Architecture::kArm64, x86);
  EXPECT_TRUE(arm64.ok()) << report(arm64);
}

}  // namespace
}  // namespace lintel::config
