// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "firmware/acpi/builders.h"

namespace lintel::acpi {
namespace {

constexpr uint8_t kRevision = 5;
constexpr uint32_t kHas8259 = 1u << 0;  // table 5.20, PCAT_COMPAT
constexpr uint32_t kEnabled = 1u << 0;  // table 5.23
// What a local APIC entry cannot name: the id 255 is the broadcast, the UID 255 means "all".
constexpr uint32_t kFirstX2Apic = 255;

// ACPI 6.4, 5.2.12, table 5.21, with the sizes of sections 5.2.12.2 to 5.2.12.13.
enum Type : uint8_t {
  kLocalApic = 0,
  kIoApic = 1,
  kInterruptSourceOverride = 2,
  kLocalApicNmi = 4,
  kLocalX2Apic = 9,
  kLocalX2ApicNmi = 10,
};

void begin_entry(Table& table, Type type, uint8_t size) {
  table.add(static_cast<uint8_t>(type));
  table.add(size);
}

// Table 5.26, MPS INTI flags.
uint16_t inti_flags(Polarity polarity, Trigger trigger) {
  return static_cast<uint16_t>(static_cast<unsigned>(polarity) |
                               (static_cast<unsigned>(trigger) << 2));
}

bool needs_x2apic(uint32_t uid, uint32_t apic_id) {
  return apic_id >= kFirstX2Apic || uid >= kFirstX2Apic;
}

void add_processor(Table& table, uint32_t uid, uint32_t apic_id) {
  if (needs_x2apic(uid, apic_id)) {
    begin_entry(table, kLocalX2Apic, 16);
    table.add(uint16_t{0});
    table.add(apic_id);
    table.add(kEnabled);
    table.add(uid);
    return;
  }
  begin_entry(table, kLocalApic, 8);
  table.add(static_cast<uint8_t>(uid));
  table.add(static_cast<uint8_t>(apic_id));
  table.add(kEnabled);
}

void add_override(Table& table, const InterruptOverride& what) {
  constexpr uint8_t kIsa = 0;
  begin_entry(table, kInterruptSourceOverride, 10);
  table.add(kIsa);
  table.add(what.isa_interrupt);
  table.add(what.gsi.value);
  table.add(inti_flags(what.polarity, what.trigger));
}

// LINT1 of every local APIC is the NMI, as the multiprocessor specification (1.4, 5.3) has it.
void add_nmi(Table& table, bool has_x2apic_entries) {
  constexpr uint8_t kLint1 = 1;
  const uint16_t flags = inti_flags(Polarity::kOfBus, Trigger::kOfBus);
  begin_entry(table, kLocalApicNmi, 6);
  table.add(uint8_t{UINT8_MAX});  // all processors
  table.add(flags);
  table.add(kLint1);
  if (!has_x2apic_entries) return;
  begin_entry(table, kLocalX2ApicNmi, 12);
  table.add(flags);
  table.add(uint32_t{UINT32_MAX});
  table.add(kLint1);
  table.add(Bytes(3));
}

}  // namespace

Table build_madt(const PcTables& description) {
  const InterruptControllers& interrupts = description.interrupts;
  Table table("APIC", kRevision);
  table.add(static_cast<uint32_t>(interrupts.local_apic.value));
  table.add(interrupts.has_8259 ? kHas8259 : uint32_t{0});

  bool has_x2apic_entries = false;
  for (uint32_t uid = 0; uid < description.apic_ids.size(); ++uid) {
    add_processor(table, uid, description.apic_ids[uid]);
    has_x2apic_entries |= needs_x2apic(uid, description.apic_ids[uid]);
  }
  begin_entry(table, kIoApic, 12);
  table.add(interrupts.io_apic_id);
  table.add(uint8_t{0});
  table.add(static_cast<uint32_t>(interrupts.io_apic.value));
  table.add(interrupts.first_gsi.value);
  for (const InterruptOverride& entry : interrupts.overrides) add_override(table, entry);
  add_nmi(table, has_x2apic_entries);
  return table;
}

}  // namespace lintel::acpi
