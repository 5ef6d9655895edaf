// SPDX-License-Identifier: Apache-2.0
#include "passthrough/iommufd.h"

#include <linux/iommufd.h>
#include <linux/vfio.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/passthrough/fake_kernel.h"

namespace lintel::passthrough {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr uint32_t kIoas = 5;

// The device 0000:01:00.0 of a sysfs of its own, with a node vfio3; and what iommufd answers.
class IommufdTest : public testing::Test {
 protected:
  IommufdTest() {
    std::filesystem::create_directories(folder + "/vfio-dev/vfio3");
    std::filesystem::create_directories(folder + "/iommu_group");
    kernel.nodes = {"/dev/iommu", "/dev/vfio/devices/vfio3"};
    answer<iommu_ioas_alloc>(IOMMU_IOAS_ALLOC, [](auto& argument) {
      argument.out_ioas_id = kIoas;
      return 0;
    });
    answer<vfio_device_bind_iommufd>(VFIO_DEVICE_BIND_IOMMUFD, [](auto& argument) {
      argument.out_devid = 1;
      return argument.flags == 0 && argument.argsz == sizeof argument ? 0 : -EINVAL;
    });
    answer<vfio_device_attach_iommufd_pt>(VFIO_DEVICE_ATTACH_IOMMUFD_PT, [this](auto& argument) {
      attached.push_back(argument.pt_id);
      return 0;
    });
    answer<iommu_ioas_iova_ranges>(IOMMU_IOAS_IOVA_RANGES, [this](auto& argument) {
      const uint32_t room = argument.num_iovas;
      argument.num_iovas = static_cast<uint32_t>(ranges.size());
      argument.out_iova_alignment = 4096;
      if (room < ranges.size()) return -EMSGSIZE;
      std::copy(ranges.begin(), ranges.end(),
                reinterpret_cast<iommu_iova_range*>(argument.allowed_iovas));
      return 0;
    });
    answer<iommu_ioas_map>(IOMMU_IOAS_MAP, [this](auto& argument) {
      maps.push_back(argument);
      return 0;
    });
    answer<iommu_ioas_unmap>(IOMMU_IOAS_UNMAP, [this](auto& argument) {
      argument.length = unmapped;
      return argument.ioas_id == kIoas ? 0 : -ENOENT;
    });
    answer<vfio_device_info>(VFIO_DEVICE_GET_INFO, [](auto& argument) {
      argument.flags = VFIO_DEVICE_FLAGS_PCI;
      argument.num_regions = 9;
      return 0;
    });
  }
  ~IommufdTest() override { std::filesystem::remove_all(root); }

  template <typename Argument, typename Body>
  void answer(unsigned long request, Body body) {
    kernel.handlers[request] = [body](void* argument) {
      return body(*static_cast<Argument*>(argument));
    };
  }
  void fail(unsigned long request, int code) {
    kernel.handlers[request] = [code](void*) { return -code; };
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
  std::string failure_to_open() {
    return failure([&] { Iommufd(kernel, {}).open_device(folder); });
  }

  const std::string root = testing::TempDir() + "iommufd_test." + std::to_string(getpid());
  const std::string folder = root + "/0000:01:00.0";
  FakeKernel kernel;
  std::vector<uint32_t> attached;
  std::vector<iommu_iova_range> ranges = {{0xfef00000, 0x7fffffffff}, {0, 0xfedfffff}};
  std::vector<iommu_ioas_map> maps;
  uint64_t unmapped = 0x1000;
  alignas(4096) std::array<std::byte, 4096> page{};
};

TEST_F(IommufdTest, Devices_are_bound_and_attached_before_they_are_used) {
  Iommufd iommufd(kernel, {});
  const auto device = iommufd.open_device(folder);
  EXPECT_EQ(device->name(), "0000:01:00.0");
  EXPECT_EQ(device->info().regions, 9u);
  EXPECT_THAT(attached, ElementsAre(kIoas));
  EXPECT_THAT(kernel.steps, ElementsAre("/dev/iommu", "other", "/dev/vfio/devices/vfio3", "other",
                                        "other", "other"));
}

TEST_F(IommufdTest, Geometry_is_asked_for_with_growing_room) {
  Iommufd iommufd(kernel, {});
  const DmaGeometry geometry = iommufd.geometry();
  EXPECT_EQ(geometry.usable,
            (std::vector<GuestRange>{{GuestAddress(0), 0xfee00000},
                                     {GuestAddress(0xfef00000), 0x8000000000 - 0xfef00000}}));
  EXPECT_EQ(geometry.page_sizes, 4096u);
  EXPECT_EQ(geometry.free_mappings, std::nullopt);
  ranges.assign(1 << 17, {});
  EXPECT_NE(failure([&] { iommufd.geometry(); }), "");
}

TEST_F(IommufdTest, Memory_is_mapped_where_the_guest_has_it) {
  Iommufd iommufd(kernel, {});
  iommufd.map(ram(0x5000, 0x1000));
  ASSERT_EQ(maps.size(), 1u);
  EXPECT_EQ(maps[0].iova, 0x5000u);
  EXPECT_EQ(maps[0].length, 0x1000u);
  EXPECT_EQ(maps[0].user_va, reinterpret_cast<uintptr_t>(page.data()));
  EXPECT_EQ(maps[0].ioas_id, kIoas);
  EXPECT_EQ(maps[0].flags, 7u);
  iommufd.unmap({GuestAddress(0x5000), 0x1000});
  unmapped = 0;
  EXPECT_THAT(failure([&] { iommufd.unmap({GuestAddress(0x5000), 0x1000}); }),
              HasSubstr("0x0 bytes were unmapped"));
}

TEST_F(IommufdTest, Refused_memory_says_why) {
  Iommufd iommufd(kernel, {});
  fail(IOMMU_IOAS_MAP, EINVAL);
  EXPECT_THAT(failure([&] { iommufd.map(ram(0xfee00000, 0x1000)); }),
              HasSubstr("reaches into [0xfee00000, 0xfeefffff]"));
  fail(IOMMU_IOAS_MAP, EFAULT);
  EXPECT_THAT(failure([&] { iommufd.map(ram(0, 0x1000)); }), HasSubstr("is it a device's?"));
  fail(IOMMU_IOAS_MAP, EADDRINUSE);
  EXPECT_THAT(failure([&] { iommufd.map(ram(0, 0x1000)); }), HasSubstr("mapped there already"));
}

TEST_F(IommufdTest, Huge_pages_are_the_kernels_default) {
  int options = 0;
  answer<iommu_option>(IOMMU_OPTION, [&](auto& argument) {
    ++options;
    return argument.option_id == IOMMU_OPTION_HUGE_PAGES && argument.object_id == kIoas &&
                   argument.val64 == 0
               ? 0
               : -EINVAL;
  });
  Iommufd iommufd(kernel, {});
  EXPECT_EQ(options, 0);
  Iommufd small(kernel, {.huge_pages = false});
  EXPECT_EQ(options, 1);
}

TEST_F(IommufdTest, Host_without_it_says_so) {
  kernel.nodes = {};
  EXPECT_THAT(failure([&] { Iommufd iommufd(kernel, {}); }), HasSubstr("CONFIG_IOMMUFD"));
}

TEST_F(IommufdTest, Device_without_a_node_says_why) {
  std::filesystem::remove_all(folder + "/vfio-dev");
  EXPECT_THAT(failure_to_open(), HasSubstr("CONFIG_VFIO_DEVICE_CDEV"));
}

TEST_F(IommufdTest, Device_that_cannot_be_opened_says_why) {
  kernel.open_errors["/dev/vfio/devices/vfio3"] = EBUSY;
  EXPECT_THAT(failure_to_open(), HasSubstr("Someone else uses /dev/vfio/devices/vfio3"));
  kernel.open_errors["/dev/vfio/devices/vfio3"] = EACCES;
  EXPECT_THAT(failure_to_open(), HasSubstr("sudo chown $USER /dev/vfio/devices/vfio3"));
}

TEST_F(IommufdTest, Device_that_cannot_be_bound_says_why) {
  fail(VFIO_DEVICE_BIND_IOMMUFD, EPERM);
  EXPECT_THAT(failure_to_open(), HasSubstr("modprobe iommufd allow_unsafe_interrupts=1"));
  std::ofstream(folder + "/iommu_group/reserved_regions") << "0x1000 0x1fff direct\n";
  EXPECT_THAT(failure_to_open(), HasSubstr("keeps [0x1000, 0x1fff]"));
  for (const int code : {EBUSY, EINVAL}) {
    fail(VFIO_DEVICE_BIND_IOMMUFD, code);
    EXPECT_THAT(failure_to_open(), HasSubstr("someone else uses it"));
  }
}

TEST_F(IommufdTest, Device_whose_reserved_ranges_are_taken_says_so) {
  fail(VFIO_DEVICE_ATTACH_IOMMUFD_PT, EADDRINUSE);
  EXPECT_THAT(failure_to_open(), HasSubstr("lies in ranges that the host reserves"));
}

TEST_F(IommufdTest, Peers_of_a_reset_are_ours_or_not) {
  Iommufd iommufd(kernel, {});
  const auto device = iommufd.open_device(folder);
  kernel.handlers[VFIO_DEVICE_GET_PCI_HOT_RESET_INFO] = [](void* argument) {
    auto* info = static_cast<vfio_pci_hot_reset_info*>(argument);
    info->count = 3;
    if (info->argsz < 12 + 3 * 8) return -ENOSPC;
    info->flags = VFIO_PCI_HOT_RESET_FLAG_DEV_ID;
    info->devices[0].devid = 7;
    info->devices[1].devid = VFIO_PCI_DEVID_OWNED;
    info->devices[2].devid = static_cast<uint32_t>(VFIO_PCI_DEVID_NOT_OWNED);
    return 0;
  };
  const auto peers = device->hot_reset_peers();
  ASSERT_EQ(peers.size(), 3u);
  EXPECT_EQ(peers[0].owner, 7u);
  EXPECT_EQ(peers[0].ours, true);
  EXPECT_EQ(peers[1].ours, true);
  EXPECT_EQ(peers[2].ours, false);
  EXPECT_EQ(peers[2].owner, 0u);
}

}  // namespace
}  // namespace lintel::passthrough
