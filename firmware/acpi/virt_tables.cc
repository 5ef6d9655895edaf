// SPDX-License-Identifier: Apache-2.0
// The arm64 board's set of tables, and those of them that no other board has.
#include "firmware/acpi/virt_tables.h"

#include <algorithm>
#include <set>

#include "firmware/acpi/builders.h"
#include "firmware/acpi/virt_builders.h"
#include "vmm/base/error.h"

namespace lintel::acpi {
namespace {

using arm64::GicV3;
using arm64::MmioDevice;

void check(const VirtTables& description) {
  constexpr size_t kMaxProcessors = 4096;  // what the three digits of their names count
  const std::vector<uint64_t>& cpus = description.mpidrs;
  if (cpus.empty() || cpus.size() > kMaxProcessors) {
    throw_error("{} processors are not 1 to {}", cpus.size(), kMaxProcessors);
  }
  if (std::set<uint64_t>(cpus.begin(), cpus.end()).size() != cpus.size()) {
    throw_error("Two processors have the same affinity fields");
  }
  if (description.serial_console && !description.serial) {
    throw_error("There is no serial port for the serial console");
  }
  if (const auto* gic = std::get_if<GicV3>(&description.gic)) {
    for (const GuestRange& region : gic->redistributors) {
      if (region.valid() && region.size <= UINT32_MAX) continue;
      throw_error("A redistributor region of {:#x} bytes is empty or too large", region.size);
    }
  }
}

Table build_pl011_spcr(const MmioDevice& serial) {
  constexpr uint8_t kPl011 = 3;
  constexpr uint8_t kGic = 1 << 3;
  return build_spcr(
      {.interface = kPl011,
       .address = generic_address(MemoryRegister{
           .address = serial.registers.base, .bits = 32, .access = AccessWidth::kDword}),
       .interrupt_type = kGic,
       .isa_interrupt = 0,
       .interrupt = Gsi(serial.interrupt.intid())});
}

}  // namespace

// 5.2.9, table 5.9: the fixed hardware is all zero, because there is none.
Table build_virt_fadt() {
  constexpr uint8_t kRevision = 6;
  constexpr uint8_t kMinorRevision = 4;
  constexpr size_t kSize = 276;
  constexpr size_t kFlags = 112;
  constexpr size_t kArmBootArchitecture = 129;
  constexpr size_t kMinorVersion = 131;
  constexpr size_t kHypervisorVendor = 268;
  // Table 5.10: the buttons are devices, if anything.
  constexpr uint32_t kNoFixedPowerButton = 1u << 4;
  constexpr uint32_t kNoFixedSleepButton = 1u << 5;
  constexpr uint32_t kHardwareReduced = 1u << 20;
  // 5.2.9.4, table 5.12.
  constexpr uint16_t kPsci = 1u << 0;
  constexpr uint16_t kPsciByHvc = 1u << 1;
  Table table("FACP", kRevision, kSize);
  table.put(kFlags, uint32_t{kNoFixedPowerButton | kNoFixedSleepButton | kHardwareReduced});
  table.put(kArmBootArchitecture, uint16_t{kPsci | kPsciByHvc});
  table.put(kMinorVersion, kMinorRevision);
  table.put(kHypervisorVendor, std::as_bytes(std::span(kOemId)));
  return table;
}

// 5.2.25, table 5.120.
Table build_gtdt(const arm64::TimerInterrupts& timer) {
  constexpr uint8_t kRevision = 3;
  constexpr uint64_t kNoMemoryMappedCounter = UINT64_MAX;
  constexpr uint32_t kLevelHighAlwaysOn = 1u << 2;
  Table table("GTDT", kRevision);
  table.add(kNoMemoryMappedCounter);
  table.add(uint32_t{0});
  for (const Ppi ppi : {timer.secure, timer.physical, timer.virtual_timer, timer.hypervisor}) {
    table.add(ppi.intid());
    table.add(kLevelHighAlwaysOn);
  }
  table.add(kNoMemoryMappedCounter);
  table.add(uint32_t{0});  // platform timers
  table.add(uint32_t{0});  // where they are
  // The hypervisor's virtual timer: none.
  table.add(uint32_t{0});
  table.add(uint32_t{0});
  return table;
}

// IO Remapping Table (Arm DEN 0049, 3): the requester id of a function is its ITS device id.
Table build_iort() {
  constexpr uint8_t kRevision = 0;
  constexpr uint8_t kItsGroup = 0;
  constexpr uint8_t kRootComplex = 2;
  constexpr uint16_t kItsGroupSize = 24;
  constexpr uint16_t kRootComplexSize = 52;
  constexpr uint32_t kRootComplexMappings = 32;
  constexpr uint32_t kNodes = 48;  // where the nodes begin
  constexpr uint32_t kCoherent = 1;
  constexpr uint8_t kCoherentPathAndDevice = 0x03;
  constexpr uint32_t kLastRequester = 0xffff;
  Table table("IORT", kRevision);
  table.add(uint32_t{2});
  table.add(kNodes);
  table.add(uint32_t{0});

  table.add(kItsGroup);
  table.add(kItsGroupSize);
  table.add(uint8_t{0});   // revision
  table.add(uint32_t{0});  // reserved
  table.add(uint32_t{0});  // mappings
  table.add(uint32_t{0});
  table.add(uint32_t{1});  // ITSs
  table.add(kItsId);

  table.add(kRootComplex);
  table.add(kRootComplexSize);
  table.add(uint8_t{0});
  table.add(uint32_t{0});
  table.add(uint32_t{1});
  table.add(kRootComplexMappings);
  table.add(kCoherent);
  table.add(uint8_t{0});   // allocation hints
  table.add(uint16_t{0});  // reserved
  table.add(kCoherentPathAndDevice);
  table.add(uint32_t{0});  // no ATS
  table.add(uint32_t{0});  // segment
  // The one mapping: ids 0 to kLastRequester, unchanged, to the ITS group.
  table.add(uint32_t{0});
  table.add(kLastRequester);
  table.add(uint32_t{0});
  table.add(kNodes);
  table.add(uint32_t{0});
  return table;
}

PlacedTables build_virt_tables(const VirtTables& description, GuestRange area) {
  check(description);
  TableSet set = {.dsdt = build_virt_dsdt(description),
                  .fadt = build_virt_fadt(),
                  .others = {build_virt_madt(description), build_gtdt(description.timer),
                             build_mcfg(description.pci)}};
  const auto* gic = std::get_if<GicV3>(&description.gic);
  if (gic != nullptr && gic->its) set.others.push_back(build_iort());
  if (description.serial_console) set.others.push_back(build_pl011_spcr(*description.serial));
  return place_tables(set, area);
}

}  // namespace lintel::acpi
