// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <gtest/gtest.h>

#include "vmm/base/error.h"
#include "vmm/boards/virt/layout.h"
#include "vmm/boards/virt/tables.h"
#include "vmm/memory/address_plan.h"

namespace lintel::virt {
namespace {

constexpr std::array kAll{kAllAddresses};

// Above RAM, below the limit, and apart from each other.
void check_windows(const HighWindows& high, uint64_t ram_end, unsigned bits) {
  const GuestRange ranges[] = {high.redistributors, high.ecam, high.pci_memory64};
  for (size_t i = 0; i < std::size(ranges); ++i) {
    if (ranges[i].size == 0) continue;
    EXPECT_GE(ranges[i].base.value, ram_end);
    EXPECT_LE(ranges[i].end(), 1ull << bits);
    for (size_t j = i + 1; j < std::size(ranges); ++j) EXPECT_FALSE(ranges[i].overlaps(ranges[j]));
  }
}

TEST(VirtHighWindows, LieAboveRam) {
  for (const uint64_t ram_end : {2 * kGiB, 5 * kGiB + 4 * kKiB, 700 * kGiB}) {
    const HighWindows high =
        high_windows({.ram_end = ram_end, .address_bits = 40, .cpus = 8}, kAll);
    check_windows(high, ram_end, 40);
    EXPECT_EQ(high.redistributors.size, 0u);
    EXPECT_EQ(high.ecam.size, kHighEcamSize);
    EXPECT_EQ(high.ecam.base.value % kHighEcamSize, 0u);
    EXPECT_GE(high.pci_memory64.size, 256 * kGiB);
  }
}

TEST(VirtHighWindows, DemandMakesTheWindowLarger) {
  const HighWindows high =
      high_windows({.ram_end = 2 * kGiB, .address_bits = 44, .pci_demand = 3000 * kGiB}, kAll);
  check_windows(high, 2 * kGiB, 44);
  EXPECT_GE(high.pci_memory64.size, 3000 * kGiB);
}

TEST(VirtHighWindows, NoRoom_LeavesThemOut) {
  EXPECT_EQ(high_windows({.ram_end = 4 * kGiB, .address_bits = 32}, kAll).ecam.size, 0u);
  EXPECT_EQ(high_windows({.ram_end = 4 * kGiB, .address_bits = 32}, kAll).pci_memory64.size, 0u);
  EXPECT_EQ(high_windows({.ram_end = 2 * kGiB, .address_bits = 36, .pci_demand = 64 * kGiB}, kAll)
                .pci_memory64.size,
            0u);
  EXPECT_EQ(high_windows({.ram_end = 2 * kGiB, .pci_demand = UINT64_MAX}, kAll).pci_memory64.size,
            0u);
}

TEST(VirtHighWindows, CpusBeyondTheLowRegion_GetRedistributors) {
  EXPECT_EQ(high_windows({.ram_end = 2 * kGiB, .cpus = 123}, kAll).redistributors.size, 0u);
  const HighWindows high = high_windows({.ram_end = 2 * kGiB, .cpus = 200}, kAll);
  check_windows(high, 2 * kGiB, 40);
  EXPECT_EQ(high.redistributors.size, 77 * 128 * kKiB);
  EXPECT_THROW(high_windows({.ram_end = 4 * kGiB, .address_bits = 32, .cpus = 200}, kAll), Error);
}

// A hole of 12 GiB below 1 TiB, and an IOMMU of fewer bits than the CPU.
TEST(VirtHighWindows, BarsLieWhereTheIommuTranslates) {
  const std::array around{GuestRange{GuestAddress(0), 0xfd'0000'0000},
                          GuestRange{GuestAddress(1024 * kGiB), 1024 * kGiB}};
  const HighWindowRequest large{
      .ram_end = 1000 * kGiB, .address_bits = 48, .pci_demand = 64 * kGiB};
  const HighWindows behind = high_windows(large, around);
  check_windows(behind, 1000 * kGiB, 48);
  EXPECT_EQ(behind.pci_memory64, (GuestRange{GuestAddress(1024 * kGiB), 512 * kGiB}));
  const HighWindowRequest small{.ram_end = 1000 * kGiB, .address_bits = 48};
  EXPECT_EQ(high_windows(small, around).pci_memory64.end(), 0xfd'0000'0000u);

  const std::array narrow{GuestRange{GuestAddress(0), 512 * kGiB}};
  const HighWindows below = high_windows(
      {.ram_end = 8 * kGiB, .address_bits = 46, .cpus = 200, .pci_demand = 64 * kGiB}, narrow);
  check_windows(below, 8 * kGiB, 39);
  EXPECT_EQ(below.pci_memory64.end(), 512 * kGiB);
}

// CPUs alone use the other two, and BARs that no device is to reach.
TEST(VirtHighWindows, NoRoomThatTheIommuTranslates_LeavesOutTheBarsThatDevicesReach) {
  const std::array narrow{GuestRange{GuestAddress(0), 32 * kGiB}};
  HighWindowRequest request{.ram_end = 20 * kGiB, .cpus = 200, .pci_demand = 16 * kGiB};
  const HighWindows elsewhere = high_windows(request, narrow);
  check_windows(elsewhere, 20 * kGiB, 40);
  EXPECT_GE(elsewhere.pci_memory64.size, 16 * kGiB);
  request.peer_to_peer = true;
  const HighWindows high = high_windows(request, narrow);
  EXPECT_EQ(high.pci_memory64.size, 0u);
  EXPECT_EQ(high.ecam.size, kHighEcamSize);
  EXPECT_NE(high.redistributors.size, 0u);
  EXPECT_NE(high_windows({.ram_end = 40 * kGiB}, narrow).ecam.size, 0u);
}

TEST(VirtEcam, FewBuses_AreInLowMemory) {
  const HighWindows high = high_windows({.ram_end = 2 * kGiB}, kAll);
  EXPECT_EQ(ecam(3, high), (GuestRange{kLowEcam.range.base, 3 * kMiB}));
  EXPECT_EQ(ecam(16, high).base, kLowEcam.range.base);
  EXPECT_EQ(ecam(17, high), (GuestRange{high.ecam.base, 17 * kMiB}));
  EXPECT_EQ(ecam(256, high).size, 256 * kMiB);
  EXPECT_THROW(ecam(257, high), Error);
  EXPECT_THROW(ecam(17, {}), Error);
}

// The numbers that KVM gives to vCPUs (reset_mpidr), and a redistributor for each of them.
TEST(VirtCpus, HaveAnAffinityAndARedistributor) {
  const struct {
    uint32_t cpus;
    uint64_t last_mpidr;
  } cases[] = {{1, 0}, {16, 0x0f}, {17, 0x100}, {123, 0x70a}, {124, 0x70b}, {255, 0xf0e}};
  for (const auto& test : cases) {
    TableRequest request;
    request.cpus = test.cpus;
    request.memory = ram_ranges(kGiB, kAll);
    request.high = high_windows({.ram_end = 2 * kGiB, .cpus = test.cpus}, kAll);
    const fdt::VirtFdt tree = describe_fdt(request);
    ASSERT_EQ(tree.mpidrs.size(), test.cpus);
    EXPECT_EQ(tree.mpidrs.back(), test.last_mpidr);
    EXPECT_EQ(describe_acpi(request).mpidrs, tree.mpidrs);
    const auto& regions = std::get<arm64::GicV3>(tree.gic).redistributors;
    EXPECT_EQ(regions.size(), test.cpus > 123 ? 2u : 1u);
    uint64_t size = 0;
    for (const GuestRange& region : regions) size += region.size;
    EXPECT_GE(size, test.cpus * kRedistributorSize);
  }
  EXPECT_EQ(mpidr(4095), 0xff0fu);
  EXPECT_EQ(mpidr(4096), 0x10000u);
}

TEST(VirtRam, EndsWhereTheHostsAddressesDo) {
  const auto bits = [](unsigned count) {
    return std::array{GuestRange{GuestAddress(0), 1ull << count}};
  };
  EXPECT_EQ(ram_ranges(63 * kGiB, bits(36)).front().end(), 64 * kGiB);
  EXPECT_THROW(ram_ranges(63 * kGiB + 2 * kMiB, bits(36)), Error);
  EXPECT_NO_THROW(ram_ranges(1023 * kGiB, bits(40)));
  EXPECT_THROW(ram_ranges(1024 * kGiB, bits(40)), Error);
  EXPECT_NO_THROW(ram_ranges(1024 * kGiB, bits(48)));
  EXPECT_THROW(ram_ranges(UINT64_MAX, bits(48)), Error);
}

TEST(VirtPciPins, AreSwizzledBySlot) {
  EXPECT_EQ(pci_spi(0, 0), Spi(3));
  EXPECT_EQ(pci_spi(1, 3), Spi(3));
  EXPECT_EQ(pci_spi(2, 1), Spi(6));
}

TEST(VirtDescribeFdt, SaysWhatWasAskedFor) {
  TableRequest request;
  request.cpus = 200;
  request.memory = ram_ranges(kGiB, kAll);
  request.high = high_windows({.ram_end = 2 * kGiB, .cpus = 200}, kAll);
  request.its = true;
  const fdt::VirtFdt tree = describe_fdt(request);
  EXPECT_EQ(tree.mpidrs.size(), 200u);
  EXPECT_FALSE(tree.serial.has_value());
  EXPECT_EQ(tree.pci->memory64, request.high.pci_memory64);
  const auto& gic = std::get<arm64::GicV3>(tree.gic);
  EXPECT_EQ(gic.redistributors.size(), 2u);
  EXPECT_EQ(gic.its, kGicIts.range);
  EXPECT_NO_THROW(fdt::build_virt_fdt(tree));
}

TEST(VirtDescribe, GicV2ComesWithItsFrame) {
  TableRequest request;
  request.cpus = 4;
  request.gic = Gic::kV2;
  request.topology = arm64::CpuTopology{.sockets = 2, .cores = 2, .threads = 1};
  request.memory = ram_ranges(kGiB, kAll);
  const fdt::VirtFdt tree = describe_fdt(request);
  EXPECT_EQ(tree.topology->sockets, 2u);
  EXPECT_EQ(tree.platform_bus, kPlatformDevices.range);
  EXPECT_NO_THROW(fdt::build_virt_fdt(tree));
  for (const arm64::Gic& described : {tree.gic, describe_acpi(request).gic}) {
    const auto& gic = std::get<arm64::GicV2>(described);
    EXPECT_EQ(gic.cpu_interface, kGicCpuInterface.range);
    EXPECT_EQ(gic.v2m->registers, kGicV2m.range);
    EXPECT_EQ(gic.v2m->first, kFirstV2mSpi);
    EXPECT_EQ(gic.v2m->count, kV2mSpiCount);
  }
}

TEST(VirtDescribeAcpi, AgreesWithTheDeviceTree) {
  TableRequest request;
  request.cpus = 3;
  request.its = true;
  request.serial = true;
  request.memory = ram_ranges(kGiB, kAll);
  const fdt::VirtFdt tree = describe_fdt(request);
  const acpi::VirtTables tables = describe_acpi(request);
  EXPECT_EQ(tables.mpidrs, tree.mpidrs);
  EXPECT_EQ(tables.serial->registers, tree.serial->registers);
  EXPECT_EQ(tables.serial->interrupt, tree.serial->interrupt);
  EXPECT_EQ(tables.pci.ecam, tree.pci->ecam);
  EXPECT_EQ(tables.pci.first_gsi.value, tree.pci->first_interrupt.intid());
  EXPECT_EQ(tables.pci.io_memory, tree.pci->io_window.base);
}

// Memory is not in the ACPI tables.
TEST(VirtDescribe, HolesOfTheIommuAreInBothDescriptions) {
  const std::array usable{GuestRange{GuestAddress(0), 0x50101000},
                          GuestRange{GuestAddress(0x50201000), 64 * kGiB}};
  TableRequest request;
  request.memory = ram_ranges(kGiB, usable);
  request.high = high_windows({.ram_end = request.memory.back().end()}, usable);
  const fdt::VirtFdt tree = describe_fdt(request);
  EXPECT_EQ(tree.memory, (std::vector{GuestRange{kRam, 0x10000000},
                                      GuestRange{GuestAddress(0x50400000), 0x30000000}}));
  EXPECT_EQ(tree.pci->memory64->end(), usable.back().end());
  EXPECT_EQ(describe_acpi(request).pci.memory_windows.back(), tree.pci->memory64);
}

TEST(VirtDescribeAcpi, BuildsTablesFor512Cpus) {
  TableRequest request;
  request.cpus = 512;
  request.high = high_windows({.ram_end = 2 * kGiB, .cpus = 512}, kAll);
  const GuestRange area = {kRam, kMiB};
  EXPECT_NO_THROW(acpi::build_virt_tables(describe_acpi(request), area));
}

}  // namespace
}  // namespace lintel::virt
