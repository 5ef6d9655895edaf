// SPDX-License-Identifier: Apache-2.0
#include "passthrough/kernel_device.h"

#include <linux/vfio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "passthrough/pci/rom.h"
#include "tests/unit/passthrough/fake_kernel.h"
#include "vmm/base/error.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough {
namespace {

using testing::ElementsAre;

constexpr uint32_t kAll =
    VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE | VFIO_REGION_INFO_FLAG_MMAP;

UniqueFd file_of(size_t size) {
  UniqueFd file(memfd_create("device", MFD_CLOEXEC));
  if (!file || ftruncate(file.get(), static_cast<off_t>(size)) != 0) throw Error("No file");
  return file;
}

// Region 0 is the file from 16 MiB on; region 7 its first 4 KiB.
class KernelDeviceTest : public testing::Test {
 protected:
  KernelDeviceTest() {
    kernel.regions = {{0, region_reply(0, kAll, 16 * kMiB, 16 * kMiB)},
                      {7, region_reply(7, VFIO_REGION_INFO_FLAG_READ, 0x1000, 0)}};
  }

  FakeKernel kernel;
  KernelDevice device{kernel, file_of(32 * kMiB), "0000:01:00.0"};
};

TEST_F(KernelDeviceTest, Accesses_go_to_the_region_in_the_file) {
  for (const size_t size : {1, 2, 4, 8}) {
    const std::vector<std::byte> written(size, std::byte{0xa0} | std::byte(size));
    ASSERT_TRUE(device.write(0, 0x100, written));
    std::vector<std::byte> direct(size);
    read_exactly(device.fd(), direct, 16 * kMiB + 0x100);
    EXPECT_EQ(direct, written);
    std::vector<std::byte> back(size);
    ASSERT_TRUE(device.read(0, 0x100, back));
    EXPECT_EQ(back, written);
  }
}

TEST_F(KernelDeviceTest, Accesses_that_no_register_has_are_refused) {
  std::array<std::byte, 16> data{};
  EXPECT_FALSE(device.read(0, 0, std::span(data).first(3)));
  EXPECT_FALSE(device.read(0, 0, data));
  EXPECT_FALSE(device.write(0, 0, {}));
  EXPECT_TRUE(device.read(7, 0xff8, std::span(data).first(8)));
  EXPECT_FALSE(device.read(7, 0xffc, std::span(data).first(8)));
  EXPECT_FALSE(device.read(7, UINT64_MAX, std::span(data).first(4)));
  EXPECT_FALSE(device.read(1, 0, std::span(data).first(4))) << "no such BAR";
  EXPECT_FALSE(device.read(99, 0, std::span(data).first(4)));
}

TEST_F(KernelDeviceTest, Expansion_rom_is_read_whole) {
  constexpr uint64_t kFileOffset = 64 * kKiB;
  constexpr uint64_t kSize = 96 * kKiB;
  kernel.regions[pci_region::kRom] =
      region_reply(pci_region::kRom, VFIO_REGION_INFO_FLAG_READ, kSize, kFileOffset);
  std::vector<std::byte> image(kSize, std::byte{0x5a});
  image.front() = std::byte{0x55};
  image.back() = std::byte{0xaa};
  ASSERT_EQ(pwrite(device.fd(), image.data(), kSize, kFileOffset), static_cast<ssize_t>(kSize));
  pci::RomBar bar(device, kSize);
  EXPECT_EQ(bar.read(0, AccessSize::k2), 0x5a55u);
  EXPECT_EQ(bar.read(kSize - 2, AccessSize::k2), 0xaa5au);
}

TEST_F(KernelDeviceTest, Device_that_refuses_or_is_gone_gives_false) {
  kernel.regions[2] = region_reply(2, kAll, 0x1000, 64 * kMiB);  // behind the end of the file
  std::array<std::byte, 4> data{};
  EXPECT_FALSE(device.read(2, 0, data));
}

TEST_F(KernelDeviceTest, Regions_are_asked_for_once_and_when_they_are_used) {
  EXPECT_THAT(kernel.steps, testing::Not(testing::Contains("REGION_INFO")));
  EXPECT_EQ(device.region(0).size, 16 * kMiB);
  EXPECT_EQ(device.region(0).size, 16 * kMiB);
  EXPECT_EQ(std::count(kernel.steps.begin(), kernel.steps.end(), "REGION_INFO"), 1);
}

TEST_F(KernelDeviceTest, What_the_device_lacks_has_size_zero) {
  EXPECT_EQ(device.region(8).size, 0u);
  kernel.handlers[VFIO_DEVICE_GET_IRQ_INFO] = [](void*) { return -EINVAL; };
  EXPECT_EQ(device.irq(3).count, 0u);
  EXPECT_THROW(device.region(9), Error);
  EXPECT_THROW(device.irq(5), Error);
}

TEST_F(KernelDeviceTest, Mappings_let_large_pages_be_used) {
  const auto modulo = [](const MmapRegion& region, uint64_t alignment) {
    return reinterpret_cast<uintptr_t>(region.data()) % alignment;
  };
  const MmapRegion whole = device.map(0, {0, 16 * kMiB});
  EXPECT_EQ(modulo(whole, 16 * kMiB), 0u);
  EXPECT_EQ(whole.size(), 16 * kMiB);
  // Without its first pages the rest still lies on the same large pages.
  const MmapRegion rest = device.map(0, {0x3000, 8 * kMiB});
  EXPECT_EQ(modulo(rest, 8 * kMiB), 0x3000u);
  rest.data()[1] = std::byte{0x5a};
  EXPECT_EQ(whole.data()[0x3001], std::byte{0x5a});
}

TEST_F(KernelDeviceTest, Only_whole_pages_of_mappable_regions_are_mapped) {
  EXPECT_THROW(device.map(0, {0x800, 0x1000}), Error);
  EXPECT_THROW(device.map(0, {0, 0x800}), Error);
  EXPECT_THROW(device.map(0, {0, 0}), Error);
  EXPECT_THROW(device.map(0, {16 * kMiB, 0x1000}), Error);
  EXPECT_THROW(device.map(0, {0x1000, UINT64_MAX - 0xfff}), Error);
  EXPECT_THROW(device.map(7, {0, 0x1000}), Error);
}

TEST_F(KernelDeviceTest, Interrupts_are_set_as_the_kernel_expects) {
  device.set_triggers(pci_irq::kMsix, 3, {});
  EXPECT_TRUE(kernel.irq_sets.empty()) << "no vectors would mean: all off";
  device.set_triggers(pci_irq::kMsix, 3, std::array{10, -1, 12});
  device.disable_irqs(pci_irq::kMsix);
  device.mask(pci_irq::kIntx, 0);
  device.unmask(pci_irq::kIntx, 0);
  device.set_unmask_event(pci_irq::kIntx, 0, 11);
  constexpr uint32_t kHeader = 20;
  EXPECT_THAT(
      kernel.irq_sets,
      ElementsAre(bytes_of(kHeader + 12, 0x24u, 2u, 3u, 3u, 10, -1, 12),  // trigger by eventfds
                  bytes_of(kHeader, 0x21u, 2u, 0u, 0u), bytes_of(kHeader, 0x09u, 0u, 0u, 1u),
                  bytes_of(kHeader, 0x11u, 0u, 0u, 1u),
                  bytes_of(kHeader + 4, 0x14u, 0u, 0u, 1u, 11)));
}

TEST_F(KernelDeviceTest, Hot_reset_asks_with_growing_room) {
  int calls = 0;
  kernel.handlers[VFIO_DEVICE_GET_PCI_HOT_RESET_INFO] = [&](void* argument) {
    ++calls;
    auto* info = static_cast<vfio_pci_hot_reset_info*>(argument);
    info->count = 2;
    if (info->argsz < 12 + 2 * 8) return -ENOSPC;
    info->devices[0] = {.group_id = 7, .segment = 0, .bus = 1, .devfn = 0};
    info->devices[1] = {.group_id = 9, .segment = 1, .bus = 2, .devfn = 9};
    return 0;
  };
  const auto peers = device.hot_reset_peers();
  EXPECT_EQ(calls, 2);
  ASSERT_EQ(peers.size(), 2u);
  EXPECT_EQ(peers[1].segment, 1);
  EXPECT_EQ(peers[1].bus, 2);
  EXPECT_EQ(peers[1].devfn, 9);
  EXPECT_EQ(peers[1].owner, 9u);
}

TEST_F(KernelDeviceTest, Bus_that_cannot_be_reset_has_no_peers) {
  kernel.handlers[VFIO_DEVICE_GET_PCI_HOT_RESET_INFO] = [](void*) { return -ENODEV; };
  EXPECT_TRUE(device.hot_reset_peers().empty());
}

TEST_F(KernelDeviceTest, Hot_reset_passes_its_owners) {
  Bytes seen;
  kernel.handlers[VFIO_DEVICE_PCI_HOT_RESET] = [&](void* argument) {
    const auto* bytes = static_cast<const std::byte*>(argument);
    seen.assign(bytes, bytes + *static_cast<const uint32_t*>(argument));
    return 0;
  };
  device.hot_reset(std::array{5, 6});
  EXPECT_EQ(seen, bytes_of(20u, 0u, 2u, 5, 6));
  device.hot_reset({});
  EXPECT_EQ(seen, bytes_of(12u, 0u, 0u));
}

TEST_F(KernelDeviceTest, Failures_name_the_device) {
  kernel.failures[VFIO_DEVICE_SET_IRQS] = ENOSPC;
  try {
    device.disable_irqs(2);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.describe(),
              "Cannot disable interrupts of device 0000:01:00.0\n"
              "  caused by: VFIO_DEVICE_SET_IRQS failed\n"
              "  caused by: No space left on device (28)");
  }
}

TEST_F(KernelDeviceTest, Fewer_vectors_than_asked_for_are_a_failure) {
  kernel.handlers[VFIO_DEVICE_SET_IRQS] = [](void*) { return 3; };
  try {
    device.set_triggers(pci_irq::kMsix, 0, std::array{10, 11, 12, 13});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.errno_value(), ENOSPC);
    EXPECT_EQ(error.describe(),
              "Cannot enable interrupts of device 0000:01:00.0\n"
              "  caused by: The host has 3 of the 4 vectors that VFIO_DEVICE_SET_IRQS asked for\n"
              "  caused by: No space left on device (28)");
  }
}

TEST_F(KernelDeviceTest, Interrupts_of_its_line_are_counted_by_the_host) {
  const std::filesystem::path root =
      std::filesystem::path(testing::TempDir()) / fmt::format("intx-count-{}", getpid());
  const auto write = [&](const std::string& file, const std::string& text) {
    std::filesystem::create_directories((root / file).parent_path());
    std::ofstream(root / file) << text;
  };
  KernelDevice counted(kernel, file_of(32 * kMiB), "0000:01:00.0", root);
  EXPECT_EQ(counted.intx_count(), std::nullopt);
  write("bus/pci/devices/0000:01:00.0/irq", "19\n");
  EXPECT_EQ(counted.intx_count(), std::nullopt);
  write("kernel/irq/19/per_cpu_count", "7,0,12\n");
  EXPECT_EQ(counted.intx_count(), 19u);
  write("kernel/irq/19/per_cpu_count", "");
  EXPECT_EQ(counted.intx_count(), std::nullopt);
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace lintel::passthrough
