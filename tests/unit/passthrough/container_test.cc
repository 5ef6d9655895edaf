// SPDX-License-Identifier: Apache-2.0
#include "passthrough/container.h"

#include <fcntl.h>
#include <linux/vfio.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/passthrough/fake_kernel.h"
#include "vmm/base/error.h"

namespace lintel::passthrough {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ContainerTest : public testing::Test {
 protected:
  ContainerTest() { kernel.iommu.capabilities = {ranges(0, 0xfedfffff, 0xfef00000, kTop)}; }

  static Reply::Capability ranges(uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
    return {VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE, bytes_of(2u, 0u, a, b, c, d)};
  }
  MappedMemory ram(uint64_t address, uint64_t size) {
    return {{GuestAddress(address), size}, page.data(), MemoryKind::kRam};
  }
  template <typename Body>
  static std::string failure(Body&& body) {
    try {
      body();
    } catch (const Error& error) {
      return error.describe();
    }
    return "";
  }
  std::string failure_to_make(const Container::Options& options = {}) {
    return failure([&] { Container container(kernel, 7, options); });
  }

  static constexpr uint64_t kTop = 0x7fffffffff;
  FakeKernel kernel;
  alignas(4096) std::array<std::byte, 4096> page{};
};

TEST_F(ContainerTest, Steps_are_in_the_order_that_the_kernel_wants) {
  Container container(kernel, 7, {});
  container.map(ram(0, 0x1000));
  EXPECT_THAT(kernel.steps,
              ElementsAre("/dev/vfio/vfio", "API_VERSION", "/dev/vfio/7", "STATUS", "SET_CONTAINER",
                          "CHECK_EXTENSION", "SET_IOMMU", "MAP_DMA"));
}

TEST_F(ContainerTest, Further_groups_share_the_iommu) {
  Container container(kernel, 7, {});
  kernel.steps.clear();
  container.add_group(9);
  container.add_group(9);
  container.add_group(7);
  EXPECT_THAT(kernel.steps, ElementsAre("/dev/vfio/9", "STATUS", "SET_CONTAINER"));
  EXPECT_NE(container.group_fd(7), container.group_fd(9));
  EXPECT_THROW(container.group_fd(8), Error);
}

TEST_F(ContainerTest, Group_that_goes_is_closed_and_may_come_again) {
  Container container(kernel, 7, {});
  container.add_group(9);
  const int fd = container.group_fd(9);
  container.remove_group(9);
  EXPECT_THROW(container.group_fd(9), Error);
  EXPECT_EQ(fcntl(fd, F_GETFD), -1) << "it is open, and so still with us";
  container.add_group(9);
  EXPECT_NO_THROW(container.group_fd(9));
}

TEST_F(ContainerTest, Viable_is_one_bit_among_others) {
  kernel.group_flags["/dev/vfio/7"] = VFIO_GROUP_FLAGS_VIABLE | 0x80;
  EXPECT_EQ(failure_to_make(), "");
  kernel.group_flags["/dev/vfio/7"] = 0x80;
  EXPECT_THAT(failure_to_make(), HasSubstr("VFIO group 7 is not viable"));
}

TEST_F(ContainerTest, Group_that_cannot_be_opened_says_why) {
  kernel.open_errors["/dev/vfio/7"] = EBUSY;
  EXPECT_THAT(failure_to_make(), HasSubstr("Someone else uses VFIO group 7\n"));
  kernel.open_errors["/dev/vfio/7"] = ENOENT;
  EXPECT_THAT(failure_to_make(), HasSubstr("no device of group 7 is bound to a vfio driver"));
  kernel.open_errors["/dev/vfio/7"] = EACCES;
  EXPECT_THAT(failure_to_make(), HasSubstr("sudo chown $USER /dev/vfio/7"));
}

TEST_F(ContainerTest, Host_without_vfio_says_which_module) {
  kernel.open_errors["/dev/vfio/vfio"] = ENOENT;
  EXPECT_THAT(failure_to_make(), HasSubstr("modprobe vfio-pci"));
  kernel.open_errors.clear();
  kernel.iommus = {1};
  EXPECT_THAT(failure_to_make(), HasSubstr("modprobe vfio_iommu_type1"));
  kernel.handlers[VFIO_GET_API_VERSION] = [](void*) { return 1; };
  EXPECT_THAT(failure_to_make(), HasSubstr("VFIO has API version 1, not 0"));
}

TEST_F(ContainerTest, Refused_attachment_names_interrupt_remapping) {
  kernel.failures[VFIO_SET_IOMMU] = EPERM;
  const std::string text = failure_to_make();
  EXPECT_THAT(text, HasSubstr("no interrupt remapping"));
  EXPECT_THAT(text, HasSubstr("allow_unsafe_interrupts=1"));
}

TEST_F(ContainerTest, Refused_attachment_names_memory_that_firmware_keeps) {
  const std::filesystem::path groups =
      std::filesystem::path(testing::TempDir()) / "container_test_groups";
  std::filesystem::create_directories(groups / "7");
  std::ofstream(groups / "7" / "reserved_regions")
      << "0x00000000fee00000 0x00000000feefffff msi\n"
      << "0x0000000000001000 0x0000000000001fff direct-relaxable\n"
      << "0x00000000bdf82000 0x00000000bdf84fff direct\n";
  kernel.failures[VFIO_SET_IOMMU] = EPERM;
  EXPECT_THAT(failure_to_make({.groups = groups.string()}),
              HasSubstr("the firmware keeps [0xbdf82000, 0xbdf84fff] for a device of it (RMRR)"));
  std::filesystem::remove_all(groups);
}

TEST_F(ContainerTest, Group_that_does_not_fit_leaves_the_others) {
  Container container(kernel, 7, {});
  kernel.failures[VFIO_GROUP_SET_CONTAINER] = EINVAL;
  EXPECT_THAT(failure([&] { container.add_group(9); }), HasSubstr("9/reserved_regions"));
  EXPECT_THROW(container.group_fd(9), Error);
  kernel.failures.clear();
  container.add_group(9);
  EXPECT_NO_THROW(container.group_fd(9));
}

TEST_F(ContainerTest, Group_without_iommu_wants_an_explicit_option) {
  kernel.nodes = {"/dev/vfio/vfio", "/dev/vfio/noiommu-7", "/dev/vfio/9"};
  EXPECT_THAT(failure_to_make(), HasSubstr("passthrough.unsafe_noiommu = true takes the risk"));
  kernel.steps.clear();
  Container container(kernel, 7, {.allow_unsafe_noiommu = true});
  container.map(ram(0, 0x1000));
  container.unmap({GuestAddress(0), 0x1000});
  EXPECT_EQ(kernel.steps.back(), "SET_IOMMU");
  EXPECT_EQ(container.geometry().usable.size(), 1u);
  EXPECT_THAT(failure([&] { container.add_group(9); }), HasSubstr("cannot share a container"));
}

TEST_F(ContainerTest, Group_without_iommu_is_named_even_if_it_cannot_be_opened) {
  kernel.nodes = {"/dev/vfio/vfio"};
  kernel.open_errors["/dev/vfio/noiommu-7"] = EPERM;
  EXPECT_THAT(failure_to_make(), HasSubstr("Operation not permitted"));
}

TEST_F(ContainerTest, Geometry_is_the_kernels) {
  kernel.iommu.capabilities.push_back({VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL, bytes_of(65535u)});
  Container container(kernel, 7, {});
  const DmaGeometry geometry = container.geometry();
  EXPECT_EQ(geometry.page_sizes, 0x40201000u);
  EXPECT_EQ(geometry.free_mappings, 65535u);
  EXPECT_EQ(geometry.usable,
            (std::vector<GuestRange>{{GuestAddress(0), 0xfee00000},
                                     {GuestAddress(0xfef00000), kTop + 1 - 0xfef00000}}));
}

TEST_F(ContainerTest, Memory_comes_and_goes) {
  Container container(kernel, 7, {});
  container.map(ram(0, 0x1000));
  container.map(ram(0x5000, 0x1000));
  container.unmap({GuestAddress(0), 0x1000});
  EXPECT_THAT(kernel.mapped, ElementsAre(GuestRange{GuestAddress(0x5000), 0x1000}));
  EXPECT_THAT(failure([&] { container.unmap({GuestAddress(0), 0x1000}); }),
              HasSubstr("0x0 bytes were unmapped at 0x0, not 0x1000"));
}

TEST_F(ContainerTest, Refused_memory_names_the_hole) {
  Container container(kernel, 7, {});
  kernel.failures[VFIO_IOMMU_MAP_DMA] = EINVAL;
  const std::string text = failure([&] { container.map(ram(0xfec00000, 0x400000)); });
  EXPECT_THAT(text, HasSubstr("Cannot map guest memory [0xfec00000, 0xfeffffff] for DMA\n"));
  EXPECT_THAT(text, HasSubstr("reaches into [0xfee00000, 0xfeefffff]"));
  EXPECT_THAT(text, HasSubstr("VFIO_IOMMU_MAP_DMA failed\n  caused by: Invalid argument (22)"));
}

TEST_F(ContainerTest, Device_is_opened_by_name) {
  Container container(kernel, 7, {});
  const auto device = container.open_device(7, "0000:01:00.0");
  EXPECT_EQ(device->name(), "0000:01:00.0");
  EXPECT_EQ(device->info().kind, DeviceKind::kPci);
  EXPECT_TRUE(device->info().can_reset);
  EXPECT_EQ(device->info().regions, 9u);
  EXPECT_THAT(failure([&] { container.open_device(7, "0000:02:00.0"); }),
              HasSubstr("`lintel bind DEVICE`"));
  EXPECT_THAT(failure([&] { container.open_device(9, "0000:01:00.0"); }),
              HasSubstr("VFIO group 9 is not in the container"));
}

}  // namespace
}  // namespace lintel::passthrough
