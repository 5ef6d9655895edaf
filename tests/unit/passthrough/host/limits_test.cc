// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/limits.h"

#include <gtest/gtest.h>

#include "tests/unit/passthrough/host/fake_host.h"

namespace lintel::passthrough::host {
namespace {

class LockedMemory : public ::testing::Test {
 protected:
  LockedMemory() {
    host_.write("/proc/self/limits",
                "Max file size  unlimited  unlimited  bytes\n"
                "Max locked memory  65536  8388608  bytes\n");
    host_.write("/proc/self/status", "Name:\tlintel\nCapEff:\t0000000000000000\n");
  }
  LockedMemoryLimits limits() const { return locked_memory_limits(host_.tree()); }

  FakeHost host_;
};

TEST_F(LockedMemory, Both_limits_are_read) {
  EXPECT_EQ(limits().soft, 65536U);
  EXPECT_EQ(limits().hard, 8388608U);
  host_.write("/proc/self/limits", "Max locked memory  65536  unlimited  bytes\n");
  EXPECT_EQ(limits().soft, 65536U);
  EXPECT_EQ(limits().hard, std::nullopt);
}

TEST_F(LockedMemory, Who_may_exceed_them_has_none) {
  host_.write("/proc/self/status", "CapEff:\t0000000000004000\n");
  EXPECT_EQ(limits().soft, std::nullopt);
  EXPECT_EQ(limits().hard, std::nullopt);
  host_.write("/proc/self/uid_map", "         0          0 4294967295\n");
  EXPECT_EQ(limits().hard, std::nullopt);
}

TEST_F(LockedMemory, Capability_of_another_user_namespace_is_none) {
  host_.write("/proc/self/status", "CapEff:\t000001ffffffffff\n");
  host_.write("/proc/self/uid_map", "         0       1000          1\n");
  EXPECT_EQ(limits().hard, 8388608U);
}

}  // namespace
}  // namespace lintel::passthrough::host
