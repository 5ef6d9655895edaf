// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <gtest/gtest.h>

#include "vmm/boards/pc/layout.h"
#include "vmm/boards/pc/tables.h"
#include "vmm/memory/address_plan.h"

namespace lintel::pc {
namespace {

constexpr std::array kAll{kAllAddresses};

uint64_t total(const std::vector<GuestRange>& ranges) {
  uint64_t bytes = 0;
  for (const GuestRange& range : ranges) bytes += range.size;
  return bytes;
}

TEST(RamRanges, SmallMemory_IsOnePieceFromZero) {
  const auto ranges = ram_ranges(256 * kMiB, kAll);
  ASSERT_EQ(ranges.size(), 1u);
  EXPECT_EQ(ranges[0], (GuestRange{GuestAddress(0), 256 * kMiB}));
}

TEST(RamRanges, MemoryAtTheLimit_DoesNotReachAbove4GiB) {
  EXPECT_EQ(ram_ranges(kLowRamLimit, kAll).size(), 1u);
}

TEST(RamRanges, LargeMemory_LeavesTheHoleBelow4GiB) {
  const auto ranges = ram_ranges(6 * kGiB, kAll);
  ASSERT_EQ(ranges.size(), 2u);
  EXPECT_EQ(total(ranges), 6 * kGiB);
  for (const GuestRange& ram : ranges) {
    EXPECT_FALSE(ram.overlaps(kEcam.range));
    EXPECT_FALSE(ram.overlaps(kPciMemory32.range));
    EXPECT_FALSE(ram.overlaps(kLocalApic.range));
  }
}

TEST(RamFrom, CountsToTheFirstHole) {
  const std::array around{GuestRange{GuestAddress(0), 0xfd'0000'0000},
                          GuestRange{GuestAddress(1024 * kGiB), 1024 * kGiB}};
  const auto ranges = ram_ranges(1100 * kGiB, around);
  ASSERT_EQ(ranges.size(), 3u);
  EXPECT_EQ(ram_from(GuestAddress(0), ranges), kLowRamLimit);
  EXPECT_EQ(ram_from(kHighRam, ranges), 0xfd'0000'0000 - 4 * kGiB);
  EXPECT_EQ(ram_from(kHighRam, ram_ranges(kGiB, kAll)), 0u);
}

TEST(PciWindow64, LiesAboveRamAndBelowTheAddressLimit) {
  const GuestRange window = pci_memory64_window({100 * kGiB, 40, 16 * kGiB}, kAll);
  EXPECT_GE(window.base.value, 100 * kGiB);
  EXPECT_GE(window.size, 16 * kGiB);
  EXPECT_LE(window.end(), 1ull << 40);
}

TEST(PciWindow64, SmallAddressSpace_StartsRightAboveRam) {
  const GuestRange window = pci_memory64_window({5 * kGiB, 36, 40 * kGiB}, kAll);
  EXPECT_EQ(window.base, GuestAddress(5 * kGiB));
  EXPECT_GE(window.size, 40 * kGiB);
}

TEST(PciWindow64, NoRoom_IsAnEmptyWindow) {
  EXPECT_EQ(pci_memory64_window({60 * kGiB, 36, 16 * kGiB}, kAll).size, 0u);
  EXPECT_EQ(pci_memory64_window({64 * kGiB, 36, 0}, kAll).size, 0u);
}

// AMD's HyperTransport range, 12 GiB below 1 TiB, and an IOMMU of 39 bits.
TEST(PciWindow64, LiesWhereTheIommuTranslates) {
  const std::array around{GuestRange{GuestAddress(0), 0xfd'0000'0000},
                          GuestRange{GuestAddress(1024 * kGiB), 1024 * kGiB}};
  const GuestRange behind = pci_memory64_window({1000 * kGiB, 48, 64 * kGiB}, around);
  EXPECT_EQ(behind.base, GuestAddress(1024 * kGiB));
  const std::array narrow{GuestRange{GuestAddress(0), 512 * kGiB}};
  EXPECT_EQ(pci_memory64_window({8 * kGiB, 46, 64 * kGiB}, narrow).end(), 512 * kGiB);
}

TEST(PciWindow64, LiesWhereTheIommuTranslatesNothing_UnlessDevicesReachIt) {
  const std::array narrow{GuestRange{GuestAddress(0), 64 * kGiB}};
  WindowRequest request{40 * kGiB, 40, 32 * kGiB};
  const GuestRange window = pci_memory64_window(request, narrow);
  EXPECT_EQ(window.base, GuestAddress(40 * kGiB));
  EXPECT_GE(window.size, 32 * kGiB);
  request.peer_to_peer = true;
  EXPECT_EQ(pci_memory64_window(request, narrow).size, 0u);
}

TEST(Describe, TellsOnlyTheBusesThatExist) {
  TableRequest request;
  request.apic_ids = {0};
  request.pci_buses = 3;
  EXPECT_EQ(describe(request).pci.ecam, (GuestRange{kEcam.range.base, 3 * kMiB}));
}

TEST(Describe, LegacyVga_IsTheBussAndMayBeLookedFor) {
  TableRequest request;
  request.apic_ids = {0};
  EXPECT_FALSE(describe(request).vga);
  EXPECT_EQ(describe(request).pci.io_windows, std::vector{kPciPorts});
  request.legacy_vga = true;
  const acpi::PcTables tables = describe(request);
  EXPECT_TRUE(tables.vga);
  EXPECT_EQ(tables.pci.memory_windows.front(), (GuestRange{GuestAddress(0xa0000), 0x20000}));
  EXPECT_EQ(tables.pci.io_windows, (std::vector{GuestRange{GuestAddress(0x3b0), 12},
                                                GuestRange{GuestAddress(0x3c0), 32}, kPciPorts}));
}

TEST(Describe, HiddenConfigPorts_AreNotDescribed) {
  TableRequest request;
  request.apic_ids = {0};
  EXPECT_FALSE(describe(request).pci.config_ports.has_value());
  request.pci_config_ports = true;
  EXPECT_EQ(describe(request).pci.config_ports, kPciConfigPorts.range);
}

TEST(Describe, BuildsTablesFor255Cpus) {
  TableRequest request;
  for (uint32_t id = 0; id < 255; ++id) request.apic_ids.push_back(id);
  request.serial = true;
  request.pci_memory64 = {GuestAddress(32 * kGiB), 512 * kGiB};
  const acpi::PlacedTables tables = acpi::build_pc_tables(describe(request), kAcpiTables);
  EXPECT_LE(tables.bytes.size(), kAcpiTables.size);
}

}  // namespace
}  // namespace lintel::pc
