// SPDX-License-Identifier: Apache-2.0
#include "firmware/acpi/tables.h"

#include <set>

#include <fmt/core.h>

#include "firmware/acpi/builders.h"
#include "vmm/base/error.h"

namespace lintel::acpi {
namespace {

constexpr uint8_t k32Bits = 4;
constexpr uint8_t k64Bits = 8;

void check(const PcTables& description) {
  constexpr size_t kMaxProcessors = 4096;  // what the three digits of their names count
  constexpr uint8_t kMaxSleepType = 7;
  const std::vector<uint32_t>& ids = description.apic_ids;
  if (ids.empty() || ids.size() > kMaxProcessors) {
    throw_error("{} processors are not 1 to {}", ids.size(), kMaxProcessors);
  }
  if (std::set<uint32_t>(ids.begin(), ids.end()).size() != ids.size()) {
    throw_error("Two processors have the same local APIC id");
  }
  for (const GuestAddress apic :
       {description.interrupts.local_apic, description.interrupts.io_apic}) {
    if (apic.value > UINT32_MAX) throw_error("The APIC at {:#x} is above 4 GiB", apic.value);
  }
  if (description.power.soft_off_type > kMaxSleepType) {
    throw_error("The sleep type {} has more than three bits", description.power.soft_off_type);
  }
  if (description.serial_console && !description.serial) {
    throw_error("There is no serial port for the serial console");
  }
}

void check_area(GuestRange area) {
  if (area.valid() && area.base.value % kFacsAlignment == 0 && area.last() <= UINT32_MAX) return;
  throw_error("{:#x} to {:#x} is not a {}-byte aligned area below 4 GiB", area.base.value,
              area.last(), kFacsAlignment);
}

// The FADT with the two tables that only it names. Returns its offset.
uint32_t place_fadt(TableImage& image, const TableSet& set) {
  const uint32_t facs = image.place(build_facs(), kFacsAlignment);
  const uint32_t dsdt = image.place(set.dsdt);
  const uint32_t fadt = image.place(set.fadt);
  image.link({.offset = fadt + uint32_t{fadt::kFirmwareControl}, .size = k32Bits, .target = facs});
  image.link({.offset = fadt + uint32_t{fadt::kDsdt}, .size = k32Bits, .target = dsdt});
  image.link({.offset = fadt + uint32_t{fadt::kExtendedDsdt}, .size = k64Bits, .target = dsdt});
  return fadt;
}

// 5.2.8: the header, then a 64-bit address for each table.
uint32_t place_xsdt(TableImage& image, const std::vector<uint32_t>& tables) {
  constexpr uint8_t kRevision = 1;
  const size_t size = Table::kHeaderSize + k64Bits * tables.size();
  const uint32_t xsdt = image.place(Table("XSDT", kRevision, size));
  for (uint32_t i = 0; i < tables.size(); ++i) {
    image.link({.offset = xsdt + uint32_t{Table::kHeaderSize} + i * k64Bits,
                .size = k64Bits,
                .target = tables[i]});
  }
  return xsdt;
}

}  // namespace

PlacedTables place_tables(const TableSet& set, GuestRange area) {
  check_area(area);
  TableImage image;
  const uint32_t root = image.place(build_rsdp(), rsdp::kAlignment);
  std::vector<uint32_t> tables;
  tables.push_back(place_fadt(image, set));
  for (const Table& table : set.others) tables.push_back(image.place(table));
  const uint32_t xsdt = place_xsdt(image, tables);
  image.link({.offset = root + uint32_t{rsdp::kXsdt}, .size = k64Bits, .target = xsdt});
  // The second sum includes the first.
  image.seal(
      {.offset = root + uint32_t{rsdp::kChecksum}, .start = root, .length = rsdp::kFirstPartSize});
  image.seal(
      {.offset = root + uint32_t{rsdp::kExtendedChecksum}, .start = root, .length = rsdp::kSize});

  if (image.size() > area.size) {
    throw_error("The ACPI tables take {} bytes; {:#x} has room for {}", image.size(),
                area.base.value, area.size);
  }
  return {.bytes = image.finish(area.base),
          .rsdp = area.base + root,
          .pointers = image.pointers(),
          .checksums = image.checksums()};
}

PlacedTables build_pc_tables(const PcTables& description, GuestRange area) {
  check(description);
  TableSet set = {.dsdt = build_dsdt(description),
                  .fadt = build_fadt(description),
                  .others = {build_madt(description), build_mcfg(description.pci)}};
  if (description.serial_console) set.others.push_back(build_spcr(*description.serial));
  if (description.reliable_timers) set.others.push_back(build_waet());
  return with_context(
      [&] {
        return fmt::format("Cannot place the ACPI tables of {} processors",
                           description.apic_ids.size());
      },
      [&] { return place_tables(set, area); });
}

}  // namespace lintel::acpi
