// SPDX-License-Identifier: Apache-2.0
// The kernel's VFIO, not a fake: an NVMe controller behind an IOMMU, of which all is asked that a
// monitor needs. Wants a host whose devices may be taken (tests/passthrough/with_vfio):
//   LINTEL_NVME      its address; bound to vfio-pci, behind a root port of its own
//   LINTEL_SHARED    a function, bound to vfio-pci, of a group with another that is not
//   LINTEL_WITHOUT_REMAPPING    set, if the IOMMU does not remap interrupts
//   LINTEL_DEVICE_NODES    set, if VFIO must have nodes of devices, without which tests are skipped
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "passthrough/container.h"
#include "passthrough/host/limits.h"
#include "passthrough/iommufd.h"
#include "passthrough/kernel_device.h"
#include "passthrough/uapi/kernel.h"
#include "tests/passthrough/nvme_controller.h"
#include "vmm/base/error.h"
#include "vmm/kvm/system.h"
#include "vmm/kvm/vfio_device.h"
#include "vmm/kvm/vm.h"

namespace lintel::passthrough {
namespace {

using testing::HasSubstr;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string sysfs(const std::string& device) {
  return "/sys/bus/pci/devices/" + device;
}

uint32_t group_of(const std::string& device) {
  return static_cast<uint32_t>(
      std::stoul(std::filesystem::read_symlink(sysfs(device) + "/iommu_group").filename()));
}

template <typename Body>
std::string failure(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    std::cout << error.describe() << "\n";
    return error.describe();
  }
  return "";
}

// Without it for the rest of this object's life, whatever else root may do.
class WithoutIpcLock {
 public:
  WithoutIpcLock() {
    call(SYS_capget, before_.data());
    auto data = before_;
    data[0].effective &= ~(1u << CAP_IPC_LOCK);
    call(SYS_capset, data.data());
  }
  ~WithoutIpcLock() { call(SYS_capset, before_.data()); }

 private:
  static void call(long number, __user_cap_data_struct* data) {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    if (syscall(number, &header, data) != 0) std::abort();
  }
  std::array<__user_cap_data_struct, 2> before_{};
};

class KernelVfioTest : public testing::Test {
 protected:
  MappedMemory ram(uint64_t address) {
    return {{GuestAddress(address), memory.size()}, memory.data(), MemoryKind::kRam};
  }

  // By DMA that the device does.
  void expect_isolation(DmaSpace& space, Device& device);
  // Of a controller that is at work.
  void expect_reset(Device& device, const std::function<void()>& reset);

  uapi::HostKernel kernel;
  const std::string nvme = variable("LINTEL_NVME");
  const uint32_t group = group_of(nvme);
  MmapRegion memory = MmapRegion::anonymous(4 * kMiB, 2 * kMiB);
};

class ContainerVfioTest : public KernelVfioTest {
 protected:
  Container container{kernel, group, {}};
};

TEST_F(ContainerVfioTest, Geometry_leaves_out_the_interrupt_window) {
  const DmaGeometry geometry = container.geometry();
  for (const GuestRange& range : geometry.usable) {
    std::cout << fmt::format("usable [{:#x}, {:#x}]\n", range.base.value, range.last());
  }
  std::cout << fmt::format("page sizes {:#x}, {} mappings free\n", geometry.page_sizes,
                           geometry.free_mappings.value_or(0));
  EXPECT_TRUE(geometry.page_sizes & 0x1000);
  EXPECT_EQ(geometry.free_mappings, 65535u);
  ASSERT_EQ(geometry.usable.size(), 2u);
  container.map(ram(0));
  EXPECT_EQ(container.geometry().free_mappings, 65534u);
}

TEST_F(ContainerVfioTest, Refused_memory_says_why) {
  const GuestRange hole{
      GuestAddress(container.geometry().usable[0].end()),
      container.geometry().usable[1].base.value - container.geometry().usable[0].end()};
  EXPECT_THAT(failure([&] { container.map(ram(hole.base.value)); }),
              HasSubstr(fmt::format("reaches into [{:#x}, {:#x}]", hole.base.value, hole.last())));
  EXPECT_THAT(failure([&] { container.map(ram(hole.base.value - 0x1000)); }),
              HasSubstr(fmt::format("reaches into [{:#x}, {:#x}]", hole.base.value, hole.last())));
  EXPECT_THAT(failure([&] { container.map(ram(0x800)); }), HasSubstr("whole pages of 0x1000"));
  const uint64_t behind = container.geometry().usable[1].end();
  EXPECT_THAT(failure([&] { container.map(ram(behind)); }), HasSubstr("does not translate"));
  container.map(ram(0));
  EXPECT_THAT(failure([&] { container.map(ram(0x1000)); }), HasSubstr("mapped there already"));
}

TEST_F(ContainerVfioTest, Locked_memory_has_a_limit_that_is_named) {
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  const rlimit small{.rlim_cur = 6 * kMiB, .rlim_max = limit.rlim_max};
  setrlimit(RLIMIT_MEMLOCK, &small);
  EXPECT_EQ(host::locked_memory_limits(host::Tree()).soft, std::nullopt) << "root may";
  {
    const WithoutIpcLock without;
    EXPECT_EQ(host::locked_memory_limits(host::Tree()).soft, 6 * kMiB);
    container.map(ram(0));
    EXPECT_THAT(failure([&] { container.map(ram(16 * kMiB)); }),
                HasSubstr("lock 6 MiB of memory, but 8 MiB"));
    container.unmap({GuestAddress(0), memory.size()});
    container.map(ram(16 * kMiB));
  }
  setrlimit(RLIMIT_MEMLOCK, &limit);
}

TEST_F(KernelVfioTest, Mappings_have_a_limit_that_is_named) {
  const std::string path = "/sys/module/vfio_iommu_type1/parameters/dma_entry_limit";
  std::ofstream(path) << "1";
  {
    Container container(kernel, group, {});
    container.map(ram(0));
    EXPECT_THAT(failure([&] { container.map(ram(16 * kMiB)); }), HasSubstr(path));
  }
  std::ofstream(path) << "65535";
}

TEST_F(ContainerVfioTest, Group_has_one_user) {
  EXPECT_THAT(failure([&] { Container second(kernel, group, {}); }), HasSubstr("Someone else"));
}

TEST_F(KernelVfioTest, Group_that_others_use_is_not_viable) {
  const std::string shared = variable("LINTEL_SHARED");
  if (shared.empty()) GTEST_SKIP() << "no function in a shared group";
  EXPECT_THAT(failure([&] { Container container(kernel, group_of(shared), {}); }),
              HasSubstr("is not viable"));
}

TEST_F(KernelVfioTest, Interrupts_that_are_not_isolated_are_named) {
  if (variable("LINTEL_WITHOUT_REMAPPING").empty()) GTEST_SKIP() << "the host has remapping";
  EXPECT_THAT(failure([&] { Container container(kernel, group, {}); }),
              HasSubstr("no interrupt remapping"));
}

TEST_F(ContainerVfioTest, Unknown_devices_and_groups_say_why) {
  EXPECT_THAT(failure([&] { container.open_device(group, "0000:00:1e.7"); }),
              HasSubstr("lintel bind"));
  EXPECT_THAT(failure([&] { container.add_group(4095); }), HasSubstr("lintel bind"));
}

TEST_F(ContainerVfioTest, Regions_and_interrupts_are_told) {
  const auto device = container.open_device(group, nvme);
  for (uint32_t i = 0; i < device->info().regions; ++i) {
    const RegionInfo region = device->region(i);
    std::cout << fmt::format("region {}: {:#x} bytes, mappable {}, {} areas, MSI-X mappable {}\n",
                             i, region.size, region.mappable,
                             region.sparse ? std::to_string(region.sparse->size()) : "no",
                             region.msix_mappable);
  }
  for (uint32_t i = 0; i < device->info().irqs; ++i) {
    const IrqInfo irq = device->irq(i);
    std::cout << fmt::format("irq {}: {}, eventfd {} maskable {} automasked {} noresize {}\n", i,
                             irq.count, irq.eventfd, irq.maskable, irq.automasked, irq.noresize);
  }
  EXPECT_EQ(device->info().kind, DeviceKind::kPci);
  EXPECT_TRUE(device->region(pci_region::kBar0).mappable);
  EXPECT_TRUE(device->region(pci_region::kBar0).msix_mappable);
  EXPECT_EQ(device->region(pci_region::kVga).size, 0u);
  EXPECT_GE(device->irq(pci_irq::kMsix).count, 1u);
  EXPECT_TRUE(device->irq(pci_irq::kIntx).automasked);
  EXPECT_EQ(device->irq(pci_irq::kRequest).count, 1u);
}

TEST_F(ContainerVfioTest, Registers_are_the_same_mapped_and_read) {
  const auto device = container.open_device(group, nvme);
  std::array<std::byte, 2> vendor{};
  ASSERT_TRUE(device->read(pci_region::kConfig, 0, vendor));
  std::string expected;
  std::ifstream(sysfs(nvme) + "/vendor") >> expected;
  EXPECT_EQ(fmt::format("{:#06x}", std::to_integer<unsigned>(vendor[1]) << 8 |
                                       std::to_integer<unsigned>(vendor[0])),
            expected);
  // Memory decode, without which the mapping would be a bus error.
  ASSERT_TRUE(device->write(pci_region::kConfig, 4, std::array{std::byte{2}, std::byte{0}}));
  const MmapRegion mapping = device->map(0, {0, 0x1000});
  uint64_t capabilities = 0;
  ASSERT_TRUE(device->read(0, 0, std::as_writable_bytes(std::span(&capabilities, 1))));
  EXPECT_EQ(*reinterpret_cast<const volatile uint64_t*>(mapping.data()), capabilities);
  EXPECT_NE(capabilities, 0u);
  EXPECT_NE(capabilities, UINT64_MAX);
  // Peers may reach it.
  container.map({{GuestAddress(0x80000000), 0x1000}, mapping.data(), MemoryKind::kDevice});
  container.unmap({GuestAddress(0x80000000), 0x1000});
}

void KernelVfioTest::expect_isolation(DmaSpace& space, Device& device) {
  constexpr uint64_t kBase = 0x100000;
  constexpr uint64_t kPage = 4096;
  space.map(ram(kBase));
  NvmeController controller(device, memory.bytes(), kBase);
  ASSERT_EQ(controller.identify(kBase + 2 * kPage), 0);
  const std::string model(reinterpret_cast<const char*>(memory.data()) + 2 * kPage + 24, 14);
  EXPECT_EQ(model, "QEMU NVMe Ctrl");
  // Another range, while it is mapped and afterwards.
  const MmapRegion other = MmapRegion::anonymous(kPage, kPage);
  const GuestRange range{GuestAddress(0x40000000), kPage};
  const auto arrives = [&] {
    std::fill(other.bytes().begin(), other.bytes().end(), std::byte{0});
    controller.identify(range.base.value);
    return other.bytes()[24] != std::byte{0};
  };
  space.map({range, other.data(), MemoryKind::kRam});
  EXPECT_TRUE(arrives());
  space.unmap(range);
  EXPECT_FALSE(arrives());
  EXPECT_EQ(controller.identify(kBase + 3 * kPage), 0) << "a fault is not the end";
}

TEST_F(ContainerVfioTest, Device_reaches_what_is_mapped_and_nothing_else) {
  const auto device = container.open_device(group, nvme);
  expect_isolation(container, *device);
}

TEST_F(ContainerVfioTest, Vectors_come_in_batches) {
  const auto device = container.open_device(group, nvme);
  const IrqInfo msix = device->irq(pci_irq::kMsix);
  const std::vector<EventFd> events(std::min(msix.count, 8u));
  std::vector<int> fds;
  for (const EventFd& event : events) fds.push_back(event.get());
  device->set_triggers(pci_irq::kMsix, 0, fds);
  fds.back() = -1;
  device->set_triggers(pci_irq::kMsix, 0, fds);
  device->disable_irqs(pci_irq::kMsix);
  EXPECT_THAT(failure([&] { device->set_triggers(pci_irq::kMsix, msix.count, fds); }),
              HasSubstr("Cannot enable interrupts of device " + nvme));
}

void KernelVfioTest::expect_reset(Device& device, const std::function<void()>& reset) {
  const auto enabled = [&] {
    std::byte configuration{};
    EXPECT_TRUE(device.read(pci_region::kBar0, 0x14, std::span(&configuration, 1)));
    return (configuration & std::byte{1}) != std::byte{0};
  };
  const NvmeController controller(device, memory.bytes(), 0);
  EXPECT_TRUE(enabled());
  reset();
  EXPECT_FALSE(enabled());
}

// The emulator's root port shows no active link afterwards, of which Linux 6.12 makes an error.
// What counts is that the device was reset.
void reset_bus(Device& device, std::span<const int> owners) {
  try {
    device.hot_reset(owners);
  } catch (const Error& error) {
    if (error.errno_value() != ENOTTY) throw;
    std::cout << error.describe() << "\n";
  }
}

TEST_F(ContainerVfioTest, Device_and_bus_are_reset) {
  const auto device = container.open_device(group, nvme);
  container.map(ram(0));
  ASSERT_TRUE(device->info().can_reset);
  expect_reset(*device, [&] { device->reset(); });
  const auto peers = device->hot_reset_peers();
  ASSERT_EQ(peers.size(), 1u) << "the controller is alone on its bus";
  EXPECT_EQ(fmt::format("{:04x}:{:02x}:{:02x}.{}", peers[0].segment, peers[0].bus,
                        peers[0].devfn >> 3, peers[0].devfn & 7),
            nvme);
  EXPECT_EQ(peers[0].owner, group);
  EXPECT_EQ(peers[0].ours, std::nullopt);
  expect_reset(*device, [&] { reset_bus(*device, std::array{container.group_fd(group)}); });
  EXPECT_THAT(failure([&] { device->hot_reset({}); }), HasSubstr("Cannot reset the bus"));
}

class IommufdVfioTest : public KernelVfioTest {
 protected:
  void SetUp() override {
    if (std::filesystem::exists("/dev/vfio/devices")) return;
    if (!variable("LINTEL_DEVICE_NODES").empty()) FAIL() << "/dev/vfio/devices is missing";
    GTEST_SKIP() << "no device nodes";
  }
  std::string folder() const { return sysfs(nvme); }
};

TEST_F(IommufdVfioTest, Geometry_narrows_when_a_device_comes) {
  Iommufd iommufd(kernel, {});
  EXPECT_EQ(iommufd.geometry().usable.size(), 1u);
  const auto device = iommufd.open_device(folder());
  for (const GuestRange& range : iommufd.geometry().usable) {
    std::cout << fmt::format("usable [{:#x}, {:#x}]\n", range.base.value, range.last());
  }
  EXPECT_EQ(iommufd.geometry().usable.size(), 2u);
  EXPECT_EQ(device->name(), nvme);
  EXPECT_GE(device->irq(pci_irq::kMsix).count, 1u);
}

TEST_F(IommufdVfioTest, Device_reaches_what_is_mapped_and_nothing_else) {
  Iommufd iommufd(kernel, {});
  const auto device = iommufd.open_device(folder());
  expect_isolation(iommufd, *device);
}

TEST_F(IommufdVfioTest, Refused_memory_says_why) {
  Iommufd iommufd(kernel, {});
  const auto device = iommufd.open_device(folder());
  const uint64_t hole = iommufd.geometry().usable[0].end();
  EXPECT_THAT(failure([&] { iommufd.map(ram(hole)); }),
              HasSubstr(fmt::format("reaches into [{:#x}, ", hole)));
  iommufd.map(ram(0));
  EXPECT_THAT(failure([&] { iommufd.map(ram(0x1000)); }), HasSubstr("mapped there already"));
  const MmapRegion bar = device->map(0, {0, 0x1000});
  EXPECT_THAT(failure([&] {
                iommufd.map({{GuestAddress(0x80000000), 0x1000}, bar.data(), MemoryKind::kDevice});
              }),
              HasSubstr("is it a device's?"));
}

TEST_F(IommufdVfioTest, Locked_memory_has_a_limit_that_is_named) {
  Iommufd iommufd(kernel, {});
  const auto device = iommufd.open_device(folder());
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  const rlimit small{.rlim_cur = 6 * kMiB, .rlim_max = limit.rlim_max};
  setrlimit(RLIMIT_MEMLOCK, &small);
  {
    const WithoutIpcLock without;
    iommufd.map(ram(0));
    const MmapRegion more = MmapRegion::anonymous(4 * kMiB, 2 * kMiB);
    EXPECT_THAT(
        failure([&] {
          iommufd.map({{GuestAddress(16 * kMiB), more.size()}, more.data(), MemoryKind::kRam});
        }),
        HasSubstr("lock 6 MiB of memory, but 8 MiB"));
  }
  setrlimit(RLIMIT_MEMLOCK, &limit);
}

TEST_F(IommufdVfioTest, Device_has_one_user) {
  Iommufd iommufd(kernel, {});
  const auto device = iommufd.open_device(folder());
  EXPECT_THAT(failure([&] { Iommufd(kernel, {}).open_device(folder()); }),
              HasSubstr("someone else uses it"));
  EXPECT_THAT(failure([&] { Container second(kernel, group, {}); }), HasSubstr("Someone else"));
}

TEST_F(IommufdVfioTest, Device_and_bus_are_reset_without_groups) {
  Iommufd iommufd(kernel, {});
  const auto device = iommufd.open_device(folder());
  iommufd.map(ram(0));
  expect_reset(*device, [&] { device->reset(); });
  const auto peers = device->hot_reset_peers();
  ASSERT_EQ(peers.size(), 1u) << "the controller is alone on its bus";
  EXPECT_EQ(peers[0].ours, true);
  EXPECT_NE(peers[0].owner, 0u);
  expect_reset(*device, [&] { reset_bus(*device, {}); });
}

TEST_F(IommufdVfioTest, Kvm_takes_the_device) {
  Iommufd iommufd(kernel, {});
  const auto device = iommufd.open_device(folder());
  const kvm::System system;
  const kvm::Vm vm(system);
  kvm::VfioDevice vfio(vm);
  const auto registration = vfio.add(device->fd());
}

TEST_F(ContainerVfioTest, Kvm_takes_the_group_and_gives_it_back) {
  const kvm::System system;
  const kvm::Vm vm(system);
  kvm::VfioDevice vfio(vm);
  for (int round = 0; round < 2; ++round) {
    const auto registration = vfio.add(container.group_fd(group));
    EXPECT_THAT(failure([&] { const auto twice = vfio.add(container.group_fd(group)); }),
                HasSubstr("KVM_DEV_VFIO_FILE_ADD failed"));
  }
  EXPECT_THAT(failure([&] { const auto wrong = vfio.add(0); }), HasSubstr("KVM_DEV_VFIO_FILE_ADD"));
}

}  // namespace
}  // namespace lintel::passthrough
