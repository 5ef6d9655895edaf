// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "firmware/acpi/virt_builders.h"

namespace lintel::acpi {
namespace {

using arm64::GicV2;
using arm64::GicV3;

constexpr uint8_t kRevision = 5;

// ACPI 6.4, 5.2.12, table 5.21, with the sizes of sections 5.2.12.14 to 5.2.12.18.
enum Type : uint8_t {
  kCpu = 11,
  kDistributor = 12,
  kMsiFrame = 13,
  kRedistributors = 14,
  kIts = 15
};

void begin_entry(Table& table, Type type, uint8_t size) {
  table.add(static_cast<uint8_t>(type));
  table.add(size);
  table.add(uint16_t{0});
}

void add_cpu(Table& table, const VirtTables& description, uint32_t uid) {
  constexpr uint32_t kEnabled = 1u << 0;
  const auto* v2 = std::get_if<GicV2>(&description.gic);
  begin_entry(table, kCpu, 80);
  table.add(uid);  // the CPU interface's number
  table.add(uid);
  table.add(kEnabled);
  table.add(uint32_t{0});  // parking protocol: none, there is PSCI
  table.add(description.pmu ? description.pmu->intid() : uint32_t{0});
  table.add(uint64_t{0});  // parked address
  table.add(v2 != nullptr ? v2->cpu_interface.base.value : uint64_t{0});
  table.add(uint64_t{0});  // GICV
  table.add(uint64_t{0});  // GICH
  table.add(uint32_t{0});  // maintenance interrupt
  table.add(uint64_t{0});  // its redistributor: found in the regions
  table.add(description.mpidrs[uid]);
  table.add(uint8_t{0});  // power efficiency class
  table.add(uint8_t{0});
  table.add(uint16_t{0});  // statistical profiling interrupt
}

void add_distributor(Table& table, const GuestRange& distributor, uint8_t version) {
  begin_entry(table, kDistributor, 24);
  table.add(uint32_t{0});
  table.add(distributor.base.value);
  table.add(uint32_t{0});  // interrupt base
  table.add(version);
  table.add(Bytes(3));
}

void add_controller(Table& table, const GicV2& gic) {
  add_distributor(table, gic.distributor, 2);
  if (!gic.v2m) return;
  // The entry says which interrupts it has, and not the frame's register.
  constexpr uint32_t kSpisAreHere = 1u << 0;
  begin_entry(table, kMsiFrame, 24);
  table.add(uint32_t{0});
  table.add(gic.v2m->registers.base.value);
  table.add(kSpisAreHere);
  table.add(gic.v2m->count);
  table.add(static_cast<uint16_t>(gic.v2m->first.intid()));
}

void add_controller(Table& table, const GicV3& gic) {
  add_distributor(table, gic.distributor, 3);
  for (const GuestRange& region : gic.redistributors) {
    begin_entry(table, kRedistributors, 16);
    table.add(region.base.value);
    table.add(static_cast<uint32_t>(region.size));
  }
  if (!gic.its) return;
  begin_entry(table, kIts, 20);
  table.add(kItsId);
  table.add(gic.its->base.value);
  table.add(uint32_t{0});
}

}  // namespace

Table build_virt_madt(const VirtTables& description) {
  Table table("APIC", kRevision);
  table.add(uint32_t{0});  // local APIC: none
  table.add(uint32_t{0});  // flags
  for (uint32_t uid = 0; uid < description.mpidrs.size(); ++uid) add_cpu(table, description, uid);
  std::visit([&](const auto& gic) { add_controller(table, gic); }, description.gic);
  return table;
}

}  // namespace lintel::acpi
