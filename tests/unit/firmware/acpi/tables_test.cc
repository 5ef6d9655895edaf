// SPDX-License-Identifier: Apache-2.0
#include "firmware/acpi/tables.h"

#include <iterator>
#include <map>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "firmware/acpi/builders.h"
#include "tests/unit/firmware/acpi/example.h"
#include "vmm/base/error.h"

namespace lintel::acpi {
namespace {

constexpr GuestRange kArea = {GuestAddress(0xe0000), 128 * kKiB};

uint8_t sum(std::span<const std::byte> content) {
  uint8_t total = 0;
  for (const std::byte byte : content)
    total = static_cast<uint8_t>(total + static_cast<uint8_t>(byte));
  return total;
}

template <typename T>
T read(std::span<const std::byte> from, size_t offset) {
  EXPECT_LE(offset + sizeof(T), from.size());
  return load_le<T>(from.data() + offset);
}

std::string text(std::span<const std::byte> from, size_t offset, size_t size) {
  return {reinterpret_cast<const char*>(from.data() + offset), size};
}

// Follows the pointers in the bytes as an operating system does.
class Reader {
 public:
  explicit Reader(const PlacedTables& placed, GuestRange area = kArea)
      : placed_(placed), area_(area) {
    const auto xsdt = table(read<uint64_t>(rsdp(), rsdp::kXsdt));
    tables_[text(xsdt, 0, 4)] = xsdt;
    for (size_t at = Table::kHeaderSize; at < xsdt.size(); at += 8) {
      const auto found = table(read<uint64_t>(xsdt, at));
      tables_[text(found, 0, 4)] = found;
    }
    const auto fadt = tables_.at("FACP");
    tables_["DSDT"] = table(read<uint64_t>(fadt, 140));
    tables_["FACS"] = table(read<uint32_t>(fadt, 36));
  }

  std::span<const std::byte> rsdp() const { return from(placed_.rsdp.value).first(rsdp::kSize); }
  std::span<const std::byte> operator[](const std::string& name) const { return tables_.at(name); }
  const std::map<std::string, std::span<const std::byte>>& tables() const { return tables_; }

 private:
  std::span<const std::byte> from(uint64_t address) const {
    return std::span(placed_.bytes).subspan(address - area_.base.value);
  }
  std::span<const std::byte> table(uint64_t address) const {
    const auto rest = from(address);
    return rest.first(read<uint32_t>(rest, Table::kLengthOffset));
  }

  const PlacedTables& placed_;
  GuestRange area_;
  std::map<std::string, std::span<const std::byte>> tables_;
};

// The entries of a MADT by type.
std::multimap<uint8_t, std::span<const std::byte>> madt_entries(std::span<const std::byte> madt) {
  std::multimap<uint8_t, std::span<const std::byte>> entries;
  for (auto rest = madt.subspan(44); !rest.empty();) {
    const auto size = read<uint8_t>(rest, 1);
    if (size < 2 || size > rest.size()) {
      ADD_FAILURE() << "an entry of " << unsigned{size} << " bytes";
      break;
    }
    entries.emplace(read<uint8_t>(rest, 0), rest.first(size));
    rest = rest.subspan(size);
  }
  return entries;
}

TEST(PcTables, rsdp_comes_first_with_both_checksums) {
  const PlacedTables placed = build_pc_tables(example_tables(1), kArea);
  EXPECT_EQ(placed.rsdp, kArea.base);
  const Reader reader(placed);
  EXPECT_EQ(text(reader.rsdp(), 0, 8), "RSD PTR ");
  EXPECT_EQ(read<uint8_t>(reader.rsdp(), 15), 2);
  EXPECT_EQ(sum(reader.rsdp().first(20)), 0);
  EXPECT_EQ(sum(reader.rsdp()), 0);
}

TEST(PcTables, every_table_but_the_facs_sums_to_zero) {
  const PlacedTables placed = build_pc_tables(example_tables(8), kArea);
  const Reader reader(placed);
  EXPECT_EQ(reader.tables().size(), 8u);
  for (const auto& [name, table] : reader.tables()) {
    if (name == "FACS") continue;
    EXPECT_EQ(sum(table), 0) << name;
  }
}

TEST(PcTables, facs_is_64_byte_aligned) {
  const PlacedTables placed = build_pc_tables(example_tables(1), kArea);
  const Reader reader(placed);
  EXPECT_EQ(read<uint32_t>(reader["FACP"], 36) % 64, 0u);
  EXPECT_EQ(reader["FACS"].size(), 64u);
}

TEST(PcTables, dsdt_is_named_by_both_pointers) {
  const PlacedTables placed = build_pc_tables(example_tables(1), kArea);
  const Reader reader(placed);
  EXPECT_EQ(read<uint32_t>(reader["FACP"], 40), read<uint64_t>(reader["FACP"], 140));
}

TEST(PcTables, optional_tables_are_left_out) {
  PcTables description = example_tables(1);
  description.serial_console = false;
  description.reliable_timers = false;
  const PlacedTables placed = build_pc_tables(description, kArea);
  const Reader reader(placed);
  EXPECT_FALSE(reader.tables().contains("SPCR"));
  EXPECT_FALSE(reader.tables().contains("WAET"));
}

TEST(PcTables, largest_machine_fits_the_bios_area) {
  EXPECT_LE(build_pc_tables(example_tables(255), kArea).bytes.size(), kArea.size);
}

TEST(PcTables, area_one_byte_too_small_is_refused) {
  const PcTables description = example_tables(1);
  const uint64_t size = build_pc_tables(description, kArea).bytes.size();
  EXPECT_NO_THROW(build_pc_tables(description, {kArea.base, size}));
  EXPECT_THROW(build_pc_tables(description, {kArea.base, size - 1}), Error);
}

TEST(PcTables, area_that_pointers_cannot_name_is_refused) {
  const PcTables description = example_tables(1);
  EXPECT_THROW(build_pc_tables(description, {GuestAddress(4 * kGiB), kMiB}), Error);
  EXPECT_THROW(build_pc_tables(description, {GuestAddress(0xe0010), kMiB}), Error);
  EXPECT_THROW(build_pc_tables(description, {GuestAddress(0xe0000), 0}), Error);
}

TEST(PcTables, contradictions_are_refused) {
  const auto refused = [](auto&& change) {
    PcTables description = example_tables(2);
    change(description);
    EXPECT_THROW(build_pc_tables(description, kArea), Error);
  };
  refused([](PcTables& d) { d.apic_ids.clear(); });
  refused([](PcTables& d) { d.apic_ids = {3, 3}; });
  refused([](PcTables& d) { d.interrupts.io_apic = GuestAddress(4 * kGiB); });
  refused([](PcTables& d) { d.power.soft_off_type = 8; });
  refused([](PcTables& d) { d.power.timer.size = 2; });
  refused([](PcTables& d) { d.serial.reset(); });
  refused([](PcTables& d) { d.pci.gsi_count = 0; });
  refused([](PcTables& d) { d.pci.ecam.size = kMiB + 1; });
  refused([](PcTables& d) { d.pci.ecam.size = 257 * kMiB; });
}

TEST(Fadt, is_revision_6_with_276_bytes) {
  const PlacedTables placed = build_pc_tables(example_tables(1), kArea);
  const Reader reader(placed);
  EXPECT_EQ(reader["FACP"].size(), 276u);
  EXPECT_EQ(read<uint8_t>(reader["FACP"], 8), 6);
}

TEST(Fadt, acpi_mode_is_always_on_and_reset_is_a_register) {
  const PlacedTables placed = build_pc_tables(example_tables(1), kArea);
  const auto fadt = Reader(placed)["FACP"];
  EXPECT_EQ(read<uint32_t>(fadt, 48), 0u);  // SMI_CMD
  EXPECT_EQ(read<uint16_t>(fadt, 46), 9);
  EXPECT_EQ(read<uint64_t>(fadt, 120), 0xcf9u);
  EXPECT_EQ(read<uint8_t>(fadt, 128), 6);
  const auto flags = read<uint32_t>(fadt, 112);
  EXPECT_TRUE(flags & (1u << 10));   // reset register
  EXPECT_FALSE(flags & (1u << 4));   // power button is fixed hardware
  EXPECT_TRUE(flags & (1u << 5));    // no fixed sleep button
  EXPECT_FALSE(flags & (1u << 20));  // not hardware-reduced
}

TEST(Fadt, extended_blocks_match_the_old_ones) {
  const PlacedTables placed = build_pc_tables(example_tables(1), kArea);
  const auto fadt = Reader(placed)["FACP"];
  struct Pair {
    size_t address, length, extended;
  };
  for (const Pair& pair : {Pair{56, 88, 148}, Pair{64, 89, 172}, Pair{76, 91, 208}}) {
    EXPECT_EQ(read<uint8_t>(fadt, pair.extended), 1);  // system I/O
    EXPECT_EQ(read<uint8_t>(fadt, pair.extended + 1), 8 * read<uint8_t>(fadt, pair.length));
    EXPECT_EQ(read<uint64_t>(fadt, pair.extended + 4), read<uint32_t>(fadt, pair.address));
  }
}

TEST(Fadt, boot_architecture_follows_the_devices) {
  PcTables description = example_tables(1);
  const PlacedTables full = build_pc_tables(description, kArea);
  EXPECT_EQ(read<uint16_t>(Reader(full)["FACP"], 109), 0x15);  // legacy devices, no VGA, no ASPM
  description.serial.reset();
  description.serial_console = false;
  description.clock.reset();
  const PlacedTables bare = build_pc_tables(description, kArea);
  EXPECT_EQ(read<uint16_t>(Reader(bare)["FACP"], 109), 0x34);  // no VGA, no ASPM, no clock
}

class MadtOfCpus : public testing::TestWithParam<uint32_t> {};

TEST_P(MadtOfCpus, has_a_local_apic_entry_for_each) {
  const PlacedTables placed = build_pc_tables(example_tables(GetParam()), kArea);
  const auto entries = madt_entries(Reader(placed)["APIC"]);
  EXPECT_EQ(entries.count(0), GetParam());
  EXPECT_EQ(entries.count(9), 0u);
  EXPECT_EQ(entries.count(10), 0u);
  EXPECT_EQ(entries.count(1), 1u);
  EXPECT_EQ(entries.count(2), 2u);
  EXPECT_EQ(entries.count(4), 1u);
  uint8_t expected = 0;
  for (auto [at, end] = entries.equal_range(0); at != end; ++at, ++expected) {
    EXPECT_EQ(read<uint8_t>(at->second, 2), expected);  // UID
    EXPECT_EQ(read<uint8_t>(at->second, 3), expected);  // APIC id
    EXPECT_EQ(read<uint32_t>(at->second, 4), 1u);       // enabled
  }
}

INSTANTIATE_TEST_SUITE_P(Counts, MadtOfCpus, testing::Values(1, 8, 255));

TEST(Madt, apic_id_from_255_takes_an_x2apic_entry) {
  PcTables description = example_tables(3);
  description.apic_ids = {254, 255, 256};
  const PlacedTables placed = build_pc_tables(description, kArea);
  const auto entries = madt_entries(Reader(placed)["APIC"]);
  EXPECT_EQ(entries.count(0), 1u);
  ASSERT_EQ(entries.count(9), 2u);
  EXPECT_EQ(entries.count(10), 1u);  // their NMI
  const auto first = entries.find(9)->second;
  ASSERT_EQ(first.size(), 16u);
  EXPECT_EQ(read<uint32_t>(first, 4), 255u);
  EXPECT_EQ(read<uint32_t>(first, 12), 1u);
}

TEST(Madt, overrides_carry_polarity_and_trigger) {
  const PlacedTables placed = build_pc_tables(example_tables(1), kArea);
  const auto entries = madt_entries(Reader(placed)["APIC"]);
  auto [timer, end] = entries.equal_range(2);
  ASSERT_EQ(std::distance(timer, end), 2);
  const auto sci = std::next(timer);
  EXPECT_EQ(read<uint8_t>(timer->second, 3), 0);
  EXPECT_EQ(read<uint32_t>(timer->second, 4), 2u);
  EXPECT_EQ(read<uint16_t>(timer->second, 8), 0);
  EXPECT_EQ(read<uint8_t>(sci->second, 3), 9);
  EXPECT_EQ(read<uint16_t>(sci->second, 8), 0xd);
}

TEST(Mcfg, last_bus_follows_the_size) {
  PcTables description = example_tables(1);
  description.pci.ecam.size = 16 * kMiB;
  const PlacedTables placed = build_pc_tables(description, kArea);
  const auto mcfg = Reader(placed)["MCFG"];
  ASSERT_EQ(mcfg.size(), 60u);
  EXPECT_EQ(read<uint64_t>(mcfg, 44), 0xb0000000u);
  EXPECT_EQ(read<uint8_t>(mcfg, 54), 0);
  EXPECT_EQ(read<uint8_t>(mcfg, 55), 15);
}

TEST(Spcr, names_the_serial_port) {
  const PlacedTables placed = build_pc_tables(example_tables(1), kArea);
  const auto spcr = Reader(placed)["SPCR"];
  ASSERT_EQ(spcr.size(), 80u);
  EXPECT_EQ(read<uint64_t>(spcr, 44), 0x3f8u);
  EXPECT_EQ(read<uint8_t>(spcr, 53), 4);
}

TEST(Checksum, of_an_image_covers_pointers_resolved_late) {
  TableImage image;
  const uint32_t offset = image.place(Table("TEST", 1, Table::kHeaderSize + 4));
  image.link({.offset = offset + 36, .size = 4, .target = 8});
  for (const uint64_t base : {0x0ull, 0x1230ull, 0xfedc0000ull}) {
    const Bytes placed = image.finish(GuestAddress(base));
    EXPECT_EQ(sum(placed), 0) << base;
    EXPECT_EQ(read<uint32_t>(placed, 36), base + 8);
  }
  EXPECT_THROW(image.finish(GuestAddress(0xfffffff8)), Error);
}

}  // namespace
}  // namespace lintel::acpi
