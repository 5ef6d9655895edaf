// SPDX-License-Identifier: Apache-2.0
// Which VFIO groups a session holds.
#include <linux/vfio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include <gtest/gtest.h>

#include "passthrough/session.h"
#include "tests/unit/passthrough/fake_kernel.h"
#include "vmm/base/error.h"

namespace lintel::passthrough {
namespace {

const SessionDevice kFirst{.name = "0000:01:00.0", .reset = ResetPolicy::kNone};
const SessionDevice kSecond{.name = "0000:02:00.0", .reset = ResetPolicy::kNone};
const SessionDevice kNeighbour{.name = "0000:02:00.1", .reset = ResetPolicy::kNone};

class SessionGroupsTest : public testing::Test {
 protected:
  SessionGroupsTest() {
    std::filesystem::remove_all(folder_);
    join(kFirst, "7");
    join(kSecond, "9");
    join(kNeighbour, "9");
    kernel.regions = {
        {VFIO_PCI_CONFIG_REGION_INDEX,
         region_reply(VFIO_PCI_CONFIG_REGION_INDEX,
                      VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE, 0x1000, 0)}};
  }
  ~SessionGroupsTest() override { std::filesystem::remove_all(folder_); }

  Session::Options options() {
    return {.sysfs_devices = folder_,
            .find_backends = [] { return Backends{.container = true}; },
            .kernel = &kernel};
  }
  bool attached_again(Session& session, const SessionDevice& device) {
    kernel.device_name = device.name;
    kernel.steps.clear();
    session.open_devices(std::span(&device, 1));
    return std::ranges::find(kernel.steps, "/dev/vfio/9") != kernel.steps.end();
  }

  FakeKernel kernel;

 private:
  void join(const SessionDevice& device, const std::string& group) const {
    const std::filesystem::path of_device = std::filesystem::path(folder_) / device.name;
    std::filesystem::create_directories(of_device);
    std::filesystem::create_symlink("../groups/" + group, of_device / "iommu_group");
  }

  const std::string folder_ = testing::TempDir() + "/session_groups";
};

TEST_F(SessionGroupsTest, GroupOfADeviceThatCannotBeOpened_isTheHostsAgain) {
  Session session(std::span(&kFirst, 1), options());
  EXPECT_EQ(session.kvm_files().size(), 1u);
  EXPECT_THROW(session.open_devices(std::span(&kSecond, 1)), Error) << "the kernel has no such one";
  EXPECT_TRUE(attached_again(session, kSecond)) << "the group had stayed";
  EXPECT_EQ(session.kvm_files().size(), 2u);
}

TEST_F(SessionGroupsTest, GroupWithAnotherDevice_stays) {
  Session session(std::span(&kFirst, 1), options());
  EXPECT_TRUE(attached_again(session, kSecond));
  EXPECT_THROW(session.open_devices(std::span(&kNeighbour, 1)), Error);
  EXPECT_FALSE(attached_again(session, kNeighbour));
}

TEST_F(SessionGroupsTest, ContainerWhoseFirstDeviceCannotBeOpened_isMadeAnew) {
  Session session({}, options());
  EXPECT_THROW(session.open_devices(std::span(&kSecond, 1)), Error);
  EXPECT_TRUE(attached_again(session, kSecond));
  session.close_devices(std::array{&session.device(0)});
  EXPECT_TRUE(session.kvm_files().empty());
}

}  // namespace
}  // namespace lintel::passthrough
