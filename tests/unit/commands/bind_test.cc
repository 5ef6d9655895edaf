// SPDX-License-Identifier: Apache-2.0
#include "vmm/commands/bind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/passthrough/host/fake_host.h"

namespace lintel::commands {
namespace {

using namespace passthrough::host;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class BindCommand : public ::testing::Test {
 protected:
  BindCommand() {
    host_.add({});
    host_.add({.address = "0000:02:00.0",
               .ids = "144d:a80a",
               .class_code = "0x010802",
               .driver = "nvme",
               .group = 15});
  }

  FakeHost host_;
  FakeKernel kernel_{host_};
  JournalFolder journals_{host_.tree(), "/lintel"};
  HostAccess access_{host_.tree(), kernel_, journals_};
};

TEST_F(BindCommand, binds_and_restore_gives_back) {
  EXPECT_EQ(bind(access_, {"01:00.0", "144d:a80a"}),
            "0000:01:00.0 is with vfio-pci\n0000:02:00.0 is with vfio-pci\n");
  const Restored restored = restore(access_, "");
  EXPECT_EQ(restored.text, "0000:02:00.0 is with nvme\n0000:01:00.0 is with nvidia\n");
  EXPECT_THAT(restored.failures, IsEmpty());
  EXPECT_EQ(restore(access_, "").text, "nothing is left to restore\n");
}

TEST_F(BindCommand, group_may_be_bound_one_by_one) {
  host_.add({.address = "0000:01:00.1", .ids = "10de:22ba", .driver = "snd_hda_intel"});
  EXPECT_EQ(bind(access_, {"01:00.0"}), "0000:01:00.0 is with vfio-pci\n");
}

TEST_F(BindCommand, refuses_what_the_host_uses_and_binds_none) {
  host_.add_disk("0000:02:00.0", "nvme0n1", 1);
  host_.write("/proc/swaps", "Filename\n/dev/nvme0n1p1 partition 1 0 -2\n");
  try {
    bind(access_, {"01:00.0", "02:00.0"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.describe(), HasSubstr("nvme0n1p1 is used as swap"));
    EXPECT_EQ(error.help(), "swapoff /dev/nvme0n1p1");
  }
  EXPECT_EQ(host_.driver("0000:01:00.0"), "nvidia");
  EXPECT_THROW(bind(access_, {"0000:09:00.0"}), Error);
}

TEST_F(BindCommand, restore_of_a_machine_that_ended_well_is_no_error) {
  const Restored restored = restore(access_, "nobody");
  EXPECT_EQ(restored.text, "nothing is left to restore\n");
  EXPECT_THAT(restored.failures, IsEmpty());
  EXPECT_THROW(restore(access_, "a/b"), Error);
}

TEST_F(BindCommand, restore_reports_one_and_goes_on_with_the_rest) {
  bind(access_, {"01:00.0", "02:00.0"});
  host_.write("/lintel/broken/restore.json", "{");
  kernel_.fails["nvidia/bind"] = EINVAL;
  const Restored restored = restore(access_, "");
  EXPECT_EQ(restored.text, "0000:02:00.0 is with nvme\n");
  ASSERT_EQ(restored.failures.size(), 2U);
  EXPECT_THAT(restored.failures[0], StartsWith("Cannot restore 0000:01:00.0"));
  EXPECT_THAT(restored.failures[1], StartsWith("Cannot use /lintel/broken/restore.json"));
  EXPECT_THROW(restore(access_, "broken"), Error);
}

}  // namespace
}  // namespace lintel::commands
