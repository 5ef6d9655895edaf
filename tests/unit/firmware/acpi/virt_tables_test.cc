// SPDX-License-Identifier: Apache-2.0
#include "firmware/acpi/virt_tables.h"

#include <map>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "firmware/acpi/builders.h"
#include "firmware/acpi/loader.h"
#include "firmware/acpi/virt_builders.h"
#include "vmm/base/error.h"

namespace lintel::acpi {
namespace {

using arm64::GicV2;
using arm64::GicV3;
using arm64::MmioDevice;
using arm64::PowerButton;
using arm64::V2mFrame;

constexpr GuestRange kArea = {GuestAddress(0x40100000), 256 * kKiB};

constexpr GuestRange range(uint64_t base, uint64_t size) {
  return {GuestAddress(base), size};
}

VirtTables example() {
  VirtTables what;
  what.mpidrs = {0, 1, 0x100};
  what.gic = GicV3{.distributor = range(0x8000000, 0x10000),
                   .redistributors = {range(0x80a0000, 0xf60000)},
                   .its = range(0x8080000, 0x20000)};
  what.timer = {
      .secure = Ppi(13), .physical = Ppi(14), .virtual_timer = Ppi(11), .hypervisor = Ppi(10)};
  what.pci = {.ecam = range(0x3f000000, 16 * kMiB),
              .config_ports = std::nullopt,
              .io_windows = {range(0, 0x10000)},
              .memory_windows = {range(0x10000000, 0x2eff0000)},
              .first_gsi = Gsi(35),
              .gsi_count = 4,
              .io_memory = GuestAddress(0x3eff0000),
              .says_coherent = true};
  return what;
}

// The tables that the XSDT names, by signature.
std::map<std::string, std::span<const std::byte>> tables(const PlacedTables& placed) {
  const auto table = [&](uint64_t address) {
    const auto rest = std::span(placed.bytes).subspan(address - kArea.base.value);
    return rest.first(load_le<uint32_t>(&rest[Table::kLengthOffset]));
  };
  const std::byte* root = &placed.bytes[placed.rsdp.value - kArea.base.value];
  const auto xsdt = table(load_le<uint64_t>(root + rsdp::kXsdt));
  std::map<std::string, std::span<const std::byte>> found;
  for (size_t at = Table::kHeaderSize; at < xsdt.size(); at += 8) {
    const auto content = table(load_le<uint64_t>(&xsdt[at]));
    found[std::string(reinterpret_cast<const char*>(content.data()), 4)] = content;
  }
  return found;
}

TEST(VirtTables, AreThoseThatTheMachineNeeds) {
  VirtTables what = example();
  PlacedTables placed = build_virt_tables(what, kArea);
  auto found = tables(placed);
  EXPECT_EQ(found.size(), 5u);
  for (const char* name : {"FACP", "APIC", "GTDT", "MCFG", "IORT"}) {
    ASSERT_TRUE(found.contains(name)) << name;
    EXPECT_EQ(checksum(found[name]), 0) << name;
  }
  std::get<GicV3>(what.gic).its.reset();
  what.serial = MmioDevice{range(0x9000000, 0x1000), Spi(1)};
  what.serial_console = true;
  placed = build_virt_tables(what, kArea);
  found = tables(placed);
  EXPECT_FALSE(found.contains("IORT"));
  ASSERT_TRUE(found.contains("SPCR"));
  EXPECT_EQ(load_le<uint32_t>(&found["SPCR"][54]), 33u);  // SPI 1 as an INTID
}

TEST(VirtTables, FadtIsHardwareReducedWithPsci) {
  const Bytes fadt = build_virt_fadt().bytes();
  EXPECT_NE(load_le<uint32_t>(&fadt[112]) & (1u << 20), 0u);
  EXPECT_EQ(load_le<uint16_t>(&fadt[129]), 3u);
}

TEST(VirtTables, MadtHasACpuForEachMpidr) {
  VirtTables what = example();
  what.pmu = Ppi(7);
  const Table madt = build_virt_madt(what);
  constexpr size_t kFirst = 44;
  for (size_t i = 0; i < 3; ++i) {
    const std::byte* cpu = &madt.bytes()[kFirst + i * 80];
    EXPECT_EQ(load_le<uint8_t>(cpu), 11);
    EXPECT_EQ(load_le<uint8_t>(cpu + 1), 80);
    EXPECT_EQ(load_le<uint32_t>(cpu + 8), i);
    EXPECT_EQ(load_le<uint32_t>(cpu + 20), 23u);  // PPI 7 as an INTID
    EXPECT_EQ(load_le<uint64_t>(cpu + 68), what.mpidrs[i]);
  }
  EXPECT_EQ(madt.bytes().size(), kFirst + 3 * 80 + 24 + 16 + 20);
}

TEST(VirtTables, MsiFrameNamesItsInterrupts) {
  VirtTables what = example();
  what.gic = GicV2{.distributor = range(0x8000000, 0x10000),
                   .cpu_interface = range(0x8010000, 0x10000),
                   .v2m = V2mFrame{range(0x8020000, 0x1000), Spi(48), 64}};
  const Bytes bytes = build_virt_madt(what).bytes();
  const std::byte* frame = &bytes[bytes.size() - 24];
  EXPECT_EQ(load_le<uint8_t>(frame), 13);
  EXPECT_EQ(load_le<uint16_t>(frame + 20), 64);
  EXPECT_EQ(load_le<uint16_t>(frame + 22), 80);
  EXPECT_EQ(load_le<uint64_t>(&bytes[44 + 32]), 0x8010000u);
}

TEST(VirtTables, TimersAreIntids) {
  const Bytes gtdt = build_gtdt(example().timer).bytes();
  EXPECT_EQ(gtdt.size(), 104u);
  EXPECT_EQ(load_le<uint32_t>(&gtdt[48]), 29u);
  EXPECT_EQ(load_le<uint32_t>(&gtdt[56]), 30u);
  EXPECT_EQ(load_le<uint32_t>(&gtdt[64]), 27u);
  EXPECT_EQ(load_le<uint32_t>(&gtdt[72]), 26u);
}

TEST(VirtTables, LoaderFilesAreTheSameTables) {
  const LoaderFiles files = build_loader_files(example());
  EXPECT_EQ(files.rsdp.size(), rsdp::kSize);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(files.tables.data()), 4), "FACS");
  EXPECT_EQ(files.loader.size() % 128, 0u);
}

TEST(VirtTables, Contradictions_AreRefused) {
  VirtTables what = example();
  what.mpidrs = {0, 0};
  EXPECT_THROW(build_virt_tables(what, kArea), Error);
  what.mpidrs = {};
  EXPECT_THROW(build_virt_tables(what, kArea), Error);
  what = example();
  what.serial_console = true;
  EXPECT_THROW(build_virt_tables(what, kArea), Error);
  what = example();
  what.power_button = PowerButton{.gpio = {range(0x9030000, 0x1000), Spi(7)}, .line = 8};
  EXPECT_THROW(build_virt_tables(what, kArea), Error);
  what = example();
  std::get<GicV3>(what.gic).redistributors.push_back({});
  EXPECT_THROW(build_virt_tables(what, kArea), Error);
  EXPECT_THROW(build_virt_tables(example(), {kArea.base, kKiB}), Error);
}

}  // namespace
}  // namespace lintel::acpi
