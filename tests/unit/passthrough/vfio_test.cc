// SPDX-License-Identifier: Apache-2.0
#include "passthrough/uapi/vfio.h"

#include <linux/vfio.h>
#include <sys/mman.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/passthrough/fake_kernel.h"
#include "vmm/base/error.h"

namespace lintel::passthrough::uapi {
namespace {

using testing::ElementsAre;
using Parts = std::vector<RegionPart>;

constexpr uint32_t kFlags =
    VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_MMAP | VFIO_REGION_INFO_FLAG_CAPS;

Reply::Capability sparse(std::vector<std::pair<uint64_t, uint64_t>> areas) {
  Bytes data = bytes_of(static_cast<uint32_t>(areas.size()), 0u);
  for (const auto& [offset, size] : areas) {
    append(data, offset);
    append(data, size);
  }
  return {VFIO_REGION_INFO_CAP_SPARSE_MMAP, data};
}

class RegionInfoTest : public testing::Test {
 protected:
  Region parse(std::vector<Reply::Capability> capabilities) {
    reply.capabilities = std::move(capabilities);
    return parse_region(reply.whole());
  }
  std::string failure(std::vector<Reply::Capability> capabilities) {
    try {
      parse(std::move(capabilities));
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  Reply reply = region_reply(9, kFlags, 0x10000, 0x90000000000);
};

TEST_F(RegionInfoTest, Capabilities_are_read_and_unknown_ones_skipped) {
  const Region region = parse({{77, bytes_of(uint64_t{1})},
                               sparse({{0, 0x1000}}),
                               {VFIO_REGION_INFO_CAP_TYPE, bytes_of(0x80008086u, 1u)},
                               {VFIO_REGION_INFO_CAP_MSIX_MAPPABLE, {}}});
  EXPECT_EQ(region.file_offset, 0x90000000000u);
  EXPECT_EQ(region.info.index, 9u);
  EXPECT_EQ(region.info.size, 0x10000u);
  EXPECT_TRUE(region.info.readable);
  EXPECT_FALSE(region.info.writable);
  EXPECT_TRUE(region.info.mappable);
  EXPECT_EQ(region.info.sparse, (Parts{{0, 0x1000}}));
  EXPECT_EQ(region.info.type, (RegionType{0x80008086, 1}));
  EXPECT_TRUE(region.info.msix_mappable);
}

TEST_F(RegionInfoTest, Capabilities_count_only_if_the_flag_is_set) {
  reply = region_reply(0, VFIO_REGION_INFO_FLAG_READ, 0x1000, 0);
  EXPECT_FALSE(parse({{VFIO_REGION_INFO_CAP_MSIX_MAPPABLE, {}}}).info.msix_mappable);
}

TEST_F(RegionInfoTest, Mappable_areas_are_sorted_and_joined) {
  EXPECT_EQ(parse({sparse({{0x8000, 0x1000}, {0x5000, 0}, {0x1000, 0x2000}, {0x2000, 0x1800}})})
                .info.sparse,
            (Parts{{0x1000, 0x2800}, {0x8000, 0x1000}}));
  EXPECT_EQ(parse({sparse({{0x1000, 0x3000}, {0x2000, 0x1000}})}).info.sparse,
            (Parts{{0x1000, 0x3000}}));
  EXPECT_EQ(parse({sparse({})}).info.sparse, Parts{});
  EXPECT_EQ(parse({}).info.sparse, std::nullopt);
}

TEST_F(RegionInfoTest, Mappable_areas_outside_the_region_are_errors) {
  EXPECT_EQ(failure({sparse({{0xf000, 0x1000}})}), "");
  EXPECT_EQ(failure({sparse({{0xf000, 0x1001}})}),
            "A mappable area [0xf000, +0x1001) in a region of 0x10000 bytes");
  EXPECT_NE(failure({sparse({{0x1000, UINT64_MAX}})}), "");
  EXPECT_NE(failure({sparse({{UINT64_MAX, 2}})}), "");
}

TEST_F(RegionInfoTest, Capabilities_that_are_cut_off_are_errors) {
  EXPECT_EQ(failure({{VFIO_REGION_INFO_CAP_SPARSE_MMAP, bytes_of(2u, 0u, 0ul, 0ul)}}),
            "2 mappable areas where there is room for 1");
  EXPECT_NE(failure({{VFIO_REGION_INFO_CAP_SPARSE_MMAP, bytes_of(0u)}}), "");
  EXPECT_NE(failure({{VFIO_REGION_INFO_CAP_SPARSE_MMAP, bytes_of(0x10000000u, 0u)}}), "");
  EXPECT_EQ(failure({{VFIO_REGION_INFO_CAP_TYPE, bytes_of(1u)}}),
            "The type of region 9 is cut off");
}

TEST_F(RegionInfoTest, Regions_that_no_file_can_hold_are_errors) {
  reply = region_reply(0, 0, 2, static_cast<uint64_t>(INT64_MAX) - 1);
  EXPECT_NE(failure({}), "");
  reply = region_reply(0, 0, UINT64_MAX, 4096);
  EXPECT_NE(failure({}), "");
  reply = region_reply(0, 0, 1, static_cast<uint64_t>(INT64_MAX) - 1);
  EXPECT_EQ(failure({}), "");
}

class InfoTest : public testing::Test {
 protected:
  FakeKernel kernel;
  UniqueFd device{memfd_create("device", MFD_CLOEXEC)};
};

TEST_F(InfoTest, Room_grows_until_everything_fits) {
  kernel.regions[2] = region_reply(2, kFlags, 0x10000, 0);
  kernel.regions[2].capabilities = {sparse({{0, 0x1000}, {0x3000, 0x1000}})};
  EXPECT_EQ(region(kernel, device.get(), 2).info.sparse, (Parts{{0, 0x1000}, {0x3000, 0x1000}}));
  EXPECT_THAT(kernel.steps, ElementsAre("REGION_INFO", "REGION_INFO"));
}

TEST_F(InfoTest, Room_does_not_grow_for_ever) {
  kernel.handlers[VFIO_DEVICE_GET_REGION_INFO] = [](void* argument) {
    ++static_cast<vfio_region_info*>(argument)->argsz;
    return 0;
  };
  EXPECT_THROW(region(kernel, device.get(), 0), Error);
  EXPECT_LT(kernel.steps.size(), 20u);
  kernel.handlers[VFIO_DEVICE_GET_REGION_INFO] = [](void* argument) {
    static_cast<vfio_region_info*>(argument)->argsz = 0xfffffff0;
    return 0;
  };
  EXPECT_THROW(region(kernel, device.get(), 0), Error);
}

TEST_F(InfoTest, Interrupted_calls_are_repeated) {
  int calls = 0;
  kernel.handlers[VFIO_DEVICE_RESET] = [&](void*) { return ++calls < 3 ? -EINTR : 0; };
  reset(kernel, device.get());
  EXPECT_EQ(calls, 3);
}

TEST_F(InfoTest, Only_einval_means_that_there_is_no_such_region) {
  kernel.failures[VFIO_DEVICE_GET_REGION_INFO] = EINVAL;
  EXPECT_EQ(region(kernel, device.get(), 8).info.size, 0u);
  EXPECT_EQ(region(kernel, device.get(), 8).info.index, 8u);
  kernel.failures[VFIO_DEVICE_GET_REGION_INFO] = EIO;
  EXPECT_THROW(region(kernel, device.get(), 8), Error);
}

TEST_F(InfoTest, Interrupts_are_told_by_their_flags) {
  kernel.handlers[VFIO_DEVICE_GET_IRQ_INFO] = [](void* argument) {
    auto* info = static_cast<vfio_irq_info*>(argument);
    info->flags = 1u << info->index;
    info->count = 5;
    return 0;
  };
  EXPECT_TRUE(irq(kernel, device.get(), 0).eventfd);
  EXPECT_TRUE(irq(kernel, device.get(), 1).maskable);
  EXPECT_TRUE(irq(kernel, device.get(), 2).automasked);
  EXPECT_TRUE(irq(kernel, device.get(), 3).noresize);
  EXPECT_FALSE(irq(kernel, device.get(), 3).eventfd);
  EXPECT_EQ(irq(kernel, device.get(), 3).count, 5u);
}

TEST_F(InfoTest, Devices_are_of_the_kinds_that_we_know) {
  kernel.device_flags = 4;
  EXPECT_EQ(device_info(kernel, device.get()).kind, DeviceKind::kPlatform);
  kernel.device_flags = 8;
  EXPECT_EQ(device_info(kernel, device.get()).kind, DeviceKind::kAmba);
  kernel.device_flags = 16;
  EXPECT_THROW(device_info(kernel, device.get()), Error);
}

DmaGeometry geometry_of(std::vector<Reply::Capability> capabilities) {
  Reply reply = iommu_reply(0x1000);
  reply.capabilities = std::move(capabilities);
  return parse_iommu(reply.whole());
}

TEST(IommuInfo, Without_a_word_of_ranges_everything_can_be_used) {
  const DmaGeometry geometry = geometry_of({{2, bytes_of(0u, 0u, 0ul, 0ul)}});
  ASSERT_EQ(geometry.usable.size(), 1u);
  EXPECT_EQ(geometry.usable[0].base.value, 0u);
  EXPECT_EQ(geometry.usable[0].end(), 0xfffffffffffff000u);
  EXPECT_EQ(geometry.free_mappings, std::nullopt);
}

TEST(IommuInfo, Ranges_are_sorted_and_a_last_address_is_inside) {
  const DmaGeometry geometry = geometry_of(
      {{3, bytes_of(7u)}, {1, bytes_of(2u, 0u, 0x8100000ul, UINT64_MAX, 0ul, 0x7fffffful)}});
  ASSERT_EQ(geometry.usable.size(), 2u);
  EXPECT_EQ(geometry.usable[0], (GuestRange{GuestAddress(0), 0x8000000}));
  EXPECT_EQ(geometry.usable[1].last(), UINT64_MAX);
  EXPECT_EQ(geometry.free_mappings, 7u);
}

TEST(IommuInfo, Malformed_ranges_are_errors) {
  EXPECT_THROW(geometry_of({{1, bytes_of(1u, 0u, 5ul, 4ul)}}), Error);
  EXPECT_THROW(geometry_of({{1, bytes_of(2u, 0u, 0ul, 4ul, 4ul, 8ul)}}), Error);
  EXPECT_THROW(geometry_of({{1, bytes_of(2u, 0u, 0ul, 4ul)}}), Error);
  EXPECT_THROW(geometry_of({{3, {}}}), Error);
}

}  // namespace
}  // namespace lintel::passthrough::uapi
