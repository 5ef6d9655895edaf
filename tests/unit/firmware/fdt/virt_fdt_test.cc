// SPDX-License-Identifier: Apache-2.0
#include "firmware/fdt/virt_fdt.h"

#include <gtest/gtest.h>

#include "tests/unit/firmware/fdt/fdt_reader.h"
#include "vmm/base/error.h"

namespace lintel::fdt {
namespace {

using arm64::CpuTopology;
using arm64::GicV2;
using arm64::GicV3;
using arm64::MmioDevice;
using arm64::PowerButton;
using arm64::V2mFrame;

constexpr GuestRange range(uint64_t base, uint64_t size) {
  return {GuestAddress(base), size};
}

VirtFdt small() {
  VirtFdt what;
  what.mpidrs = {0};
  what.memory = {range(0x40000000, 512 * kMiB)};
  what.gic = GicV3{.distributor = range(0x8000000, 0x10000),
                   .redistributors = {range(0x80a0000, 0x20000)},
                   .its = range(0x8080000, 0x20000)};
  what.timer = {
      .secure = Ppi(13), .physical = Ppi(14), .virtual_timer = Ppi(11), .hypervisor = Ppi(10)};
  return what;
}

VirtFdt with_gicv2(size_t cpus) {
  VirtFdt what = small();
  what.mpidrs.clear();
  for (size_t i = 0; i < cpus; ++i) what.mpidrs.push_back(i);
  what.gic = GicV2{.distributor = range(0x8000000, 0x10000),
                   .cpu_interface = range(0x8010000, 0x10000),
                   .v2m = V2mFrame{range(0x8020000, 0x1000), Spi(48), 64}};
  return what;
}

PciHost pci_host() {
  return {.ecam = range(0x3f000000, 4 * kMiB),
          .io_window = range(0x3eff0000, 0x10000),
          .memory32 = range(0x10000000, 0x2eff0000),
          .memory64 = std::nullopt,
          .first_interrupt = Spi(3)};
}

FdtReader build(const VirtFdt& what) {
  return FdtReader(build_virt_fdt(what));
}

TEST(VirtFdt, NoSerialPort_IsNoConsole) {
  VirtFdt what = small();
  EXPECT_FALSE(build(what).has_node("/serial@9000000"));
  EXPECT_FALSE(build(what).has_node("/aliases"));
  EXPECT_FALSE(build(what).has("/chosen", "stdout-path"));
  what.serial = MmioDevice{range(0x9000000, 0x1000), Spi(1)};
  const FdtReader tree = build(what);
  EXPECT_EQ(tree.text("/chosen", "stdout-path"), "/serial@9000000");
  EXPECT_EQ(tree.cells("/serial@9000000", "interrupts"), (std::vector<uint32_t>{0, 1, 4}));
  EXPECT_EQ(tree.path_of(tree.cell("/serial@9000000", "clocks")), "/apb-pclk");
}

TEST(VirtFdt, Affinity3_TakesASecondCell) {
  VirtFdt what = small();
  what.mpidrs = {0, 0x10203};
  const FdtReader narrow = build(what);
  EXPECT_EQ(narrow.cell("/cpus", "#address-cells"), 1u);
  EXPECT_EQ(narrow.cells("/cpus/cpu@10203", "reg"), std::vector<uint32_t>{0x10203});
  what.mpidrs = {0, 0x100000001};
  const FdtReader wide = build(what);
  EXPECT_EQ(wide.cell("/cpus", "#address-cells"), 2u);
  EXPECT_EQ(wide.cells("/cpus/cpu@100000001", "reg"), (std::vector<uint32_t>{1, 1}));
}

TEST(VirtFdt, CpuMap_NamesEachCpuOnce) {
  VirtFdt what = small();
  EXPECT_FALSE(build(what).has_node("/cpus/cpu-map"));
  what.mpidrs = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  what.topology = CpuTopology{.sockets = 3, .cores = 2, .threads = 2};
  const FdtReader threads = build(what);
  const auto cpu_at = [](const FdtReader& tree, const std::string& place) {
    return tree.path_of(tree.cell("/cpus/cpu-map/" + place, "cpu"));
  };
  EXPECT_EQ(cpu_at(threads, "socket0/cluster0/core0/thread0"), "/cpus/cpu@0");
  EXPECT_EQ(cpu_at(threads, "socket0/cluster0/core0/thread1"), "/cpus/cpu@1");
  EXPECT_EQ(cpu_at(threads, "socket0/cluster0/core1/thread0"), "/cpus/cpu@2");
  EXPECT_EQ(cpu_at(threads, "socket1/cluster0/core0/thread0"), "/cpus/cpu@4");
  EXPECT_EQ(cpu_at(threads, "socket2/cluster0/core1/thread1"), "/cpus/cpu@b");
  what.topology = CpuTopology{.sockets = 1, .cores = 12, .threads = 1};
  EXPECT_EQ(cpu_at(build(what), "socket0/cluster0/core11"), "/cpus/cpu@b");
}

TEST(VirtFdt, PlatformBus_HasTheGuestsAddresses) {
  VirtFdt what = small();
  what.platform_bus = range(0x10c000000, 0x2000000);
  EXPECT_EQ(build(what).cells("/platform-bus@10c000000", "ranges"),
            (std::vector<uint32_t>{1, 0xc000000, 1, 0xc000000, 0, 0x2000000}));
}

TEST(VirtFdt, GicV2_NamesTheCpusOfPrivateInterrupts) {
  VirtFdt what = with_gicv2(3);
  what.pmu = Ppi(7);
  const FdtReader tree = build(what);
  EXPECT_EQ(tree.cells("/pmu", "interrupts"), (std::vector<uint32_t>{1, 7, 0x704}));
  what = small();
  what.pmu = Ppi(7);
  EXPECT_EQ(build(what).cells("/pmu", "interrupts"), (std::vector<uint32_t>{1, 7, 4}));
}

TEST(VirtFdt, Timer_HasTheBindingsOrder) {
  EXPECT_EQ(build(small()).cells("/timer", "interrupts"),
            (std::vector<uint32_t>{1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4}));
}

TEST(VirtFdt, Messages_GoToTheControllerThatIsThere) {
  VirtFdt what = small();
  what.pci = pci_host();
  const FdtReader its = build(what);
  EXPECT_EQ(its.path_of(its.cells("/pcie@3f000000", "msi-map").at(1)),
            "/interrupt-controller@8000000/msi-controller@8080000");
  std::get<GicV3>(what.gic).its.reset();
  EXPECT_FALSE(build(what).has("/pcie@3f000000", "msi-map"));
  what = with_gicv2(1);
  what.pci = pci_host();
  const FdtReader v2m = build(what);
  EXPECT_EQ(v2m.path_of(v2m.cell("/pcie@3f000000", "msi-parent")),
            "/interrupt-controller@8000000/v2m@8020000");
}

TEST(VirtFdt, PciPins_AreSwizzledBySlot) {
  VirtFdt what = small();
  what.pci = pci_host();
  const FdtReader tree = build(what);
  const auto map = tree.cells("/pcie@3f000000", "interrupt-map");
  ASSERT_EQ(map.size(), 16u * 10);
  for (uint32_t slot = 0; slot < 4; ++slot) {
    for (uint32_t pin = 0; pin < 4; ++pin) {
      const uint32_t* entry = &map[(slot * 4 + pin) * 10];
      EXPECT_EQ(entry[0], slot << 11);
      EXPECT_EQ(entry[3], pin + 1);
      EXPECT_EQ(tree.path_of(entry[4]), "/interrupt-controller@8000000");
      EXPECT_EQ(entry[8], 3 + (slot + pin) % 4);
    }
  }
  EXPECT_EQ(tree.cells("/pcie@3f000000", "bus-range"), (std::vector<uint32_t>{0, 3}));
}

TEST(VirtFdt, PciWindows_AreThreeKinds) {
  VirtFdt what = small();
  what.pci = pci_host();
  EXPECT_EQ(build(what).cells("/pcie@3f000000", "ranges").size(), 14u);
  what.pci->memory64 = range(0x8000000000, 512 * kGiB);
  const auto ranges = build(what).cells("/pcie@3f000000", "ranges");
  ASSERT_EQ(ranges.size(), 21u);
  EXPECT_EQ(ranges[0], 0x01000000u);
  EXPECT_EQ(ranges[2], 0u);  // ports begin at zero
  EXPECT_EQ(ranges[4], 0x3eff0000u);
  EXPECT_EQ(ranges[7], 0x02000000u);
  EXPECT_EQ(std::vector<uint32_t>(ranges.begin() + 14, ranges.end()),
            (std::vector<uint32_t>{0x03000000, 0x80, 0, 0x80, 0, 0x80, 0}));
}

TEST(VirtFdt, Chosen_HasWhatTheBootGives) {
  VirtFdt what = small();
  const FdtReader empty = build(what);
  for (const char* name : {"linux,initrd-start", "kaslr-seed", "rng-seed"}) {
    EXPECT_FALSE(empty.has("/chosen", name)) << name;
  }
  what.chosen = {.command_line = "quiet",
                 .initrd = range(0x148000000, 0x1001),
                 .kaslr_seed = 0x1122334455667788,
                 .rng_seed = Bytes(3, std::byte{9})};
  const FdtReader tree = build(what);
  EXPECT_EQ(tree.text("/chosen", "bootargs"), "quiet");
  EXPECT_EQ(tree.cells("/chosen", "linux,initrd-start"), (std::vector<uint32_t>{1, 0x48000000}));
  EXPECT_EQ(tree.cells("/chosen", "linux,initrd-end"), (std::vector<uint32_t>{1, 0x48001001}));
  EXPECT_EQ(tree.cells("/chosen", "kaslr-seed"), (std::vector<uint32_t>{0x11223344, 0x55667788}));
  EXPECT_EQ(tree.bytes("/chosen", "rng-seed"), "\x09\x09\x09");
}

TEST(VirtFdt, PowerButton_IsALineOfTheGpioController) {
  VirtFdt what = small();
  what.power_button = PowerButton{.gpio = {range(0x9030000, 0x1000), Spi(7)}, .line = 3};
  const FdtReader tree = build(what);
  const auto gpios = tree.cells("/gpio-keys/poweroff", "gpios");
  EXPECT_EQ(tree.path_of(gpios.at(0)), "/gpio@9030000");
  EXPECT_EQ(gpios.at(1), 3u);
}

TEST(VirtFdt, Contradictions_AreRefused) {
  VirtFdt what = small();
  what.mpidrs = {};
  EXPECT_THROW(build_virt_fdt(what), Error);
  what.mpidrs = {1, 1};
  EXPECT_THROW(build_virt_fdt(what), Error);
  what.mpidrs = {0x80000000};  // MPIDR_EL1.RES1 is no affinity
  EXPECT_THROW(build_virt_fdt(what), Error);
  what.mpidrs = {0, 1, 2};
  what.topology = CpuTopology{.sockets = 1, .cores = 2, .threads = 1};
  EXPECT_THROW(build_virt_fdt(what), Error);
  EXPECT_THROW(build_virt_fdt(with_gicv2(9)), Error);
  EXPECT_NO_THROW(build_virt_fdt(with_gicv2(8)));
  what = small();
  what.memory = {};
  EXPECT_THROW(build_virt_fdt(what), Error);
  what = small();
  what.pci = pci_host();
  what.pci->ecam.size = 257 * kMiB;
  EXPECT_THROW(build_virt_fdt(what), Error);
  what.pci = pci_host();
  what.pci->memory32 = range(0xf0000000, 512 * kMiB);
  EXPECT_THROW(build_virt_fdt(what), Error);
}

}  // namespace
}  // namespace lintel::fdt
