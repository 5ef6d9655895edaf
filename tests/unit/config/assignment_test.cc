// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/support.h"

namespace lintel::config {
namespace {

using testing::bootable;
using ::testing::ElementsAre;
using testing::load;
using testing::report;

TEST(Set, overrides_by_key_number_and_id) {
  const Loaded loaded =
      load(bootable("[[disk]]\nid = \"root\"\npath = \"a\"\n"),
           {.assignments = {"cpu.count=4", "cpu.nested=true", "memory.size=512M",
                            "disk.root.path=b", "disk.0.readonly=true", "disk.1.path=c",
                            "boot.initrd=[\"x\", \"y\"]", "cpu.topology={ threads = 2 }",
                            "vm.name=7", "vsock.cid=9", "boot.cmdline=console=ttyS0 a=b"}});
  ASSERT_TRUE(loaded.problems.empty()) << report(loaded);
  EXPECT_EQ(loaded.config.cpu.count, 4U);
  EXPECT_TRUE(loaded.config.cpu.nested);
  EXPECT_EQ(loaded.config.cpu.topology, (CpuTopology{1, 2, 2}));
  EXPECT_EQ(loaded.config.memory.size, uint64_t{512} << 20);
  ASSERT_EQ(loaded.config.disks.size(), 2U);
  EXPECT_EQ(loaded.config.disks[0].path, "b");
  EXPECT_TRUE(loaded.config.disks[0].readonly);
  EXPECT_EQ(loaded.config.disks[1].path, "c");
  EXPECT_THAT(loaded.config.boot.initrd, ElementsAre("x", "y"));
  EXPECT_EQ(loaded.config.vm.name, "7");
  EXPECT_EQ(loaded.config.boot.cmdline, "console=ttyS0 a=b");
}

TEST(Set, errors_point_at_the_argument) {
  EXPECT_EQ(report(load(bootable(""), {.assignments = {"cpu.count=four"}})),
            "--set:1:11: error[E1001]: cpu.count must be an integer (got the string \"four\")\n"
            "    1 | cpu.count=four\n"
            "      |           ^^^^\n");
  EXPECT_EQ(report(load(bootable(""), {.assignments = {"cpu.cuont=4"}})),
            "--set:1:5: error[E1002]: unknown key `cuont` in [cpu]; did you mean `count`?\n"
            "    1 | cpu.cuont=4\n"
            "      |     ^^^^^\n");
}

TEST(Set, malformed_assignments_are_refused) {
  for (const char* text :
       {"", "=", "cpu.count", "=4", "cpu..count=4", ".=1", "a.b.c.d.e.f.g.h.i=1", "disk.5.path=x",
        "disk.nope.path=x", "cpu=4", "disk=4", "profile.a=1", "boot.initrd=[",
        "\"boot\".kernel=\"x\"x", "cpu.count.x=1", "disk.x=1"}) {
    const Loaded loaded = load(bootable(""), {.assignments = {text}});
    EXPECT_FALSE(loaded.ok()) << text;
  }
}

TEST(Set, paths_are_the_shells_and_those_of_the_file_are_beside_it) {
  const Loaded loaded =
      load_text("dir/sub/vm.toml", bootable("boot.initrd = [\"../i\", \"/abs/i\"]\n"),
                {.assignments = {"disk.0.path=img"}, .check_files = false});
  ASSERT_TRUE(loaded.ok()) << report(loaded);
  EXPECT_EQ(loaded.config.boot.kernel, "dir/sub/bzImage");
  EXPECT_THAT(loaded.config.boot.initrd, ElementsAre("dir/i", "/abs/i"));
  EXPECT_EQ(loaded.config.disks[0].path, "img");
}

}  // namespace
}  // namespace lintel::config
