// SPDX-License-Identifier: Apache-2.0
// The namespace of the x86_64 board.
#include <cstdint>

#include "firmware/acpi/aml.h"
#include "firmware/acpi/builders.h"
#include "firmware/acpi/dsdt_parts.h"
#include "firmware/acpi/resources.h"

namespace lintel::acpi {
namespace {

Aml real_time_clock(const IsaDevice& clock) {
  return aml::device(
      "RTC0",
      {aml::name("_HID", aml::eisa_id("PNP0B00")),
       dsdt::current_resources({aml::io_ports(clock.ports), aml::isa_interrupt(clock.interrupt)})});
}

Aml serial_port(const IsaDevice& serial) {
  return aml::device(
      "COM1", {aml::name("_HID", aml::eisa_id("PNP0501")), aml::name("_UID", aml::integer(1)),
               aml::name("_DDN", aml::string("COM1")),
               dsdt::current_resources(
                   {aml::io_ports(serial.ports), aml::isa_interrupt(serial.interrupt)})});
}

// 7.4.2: the values that SLP_TYP takes in the PM1a and PM1b control registers; two reserved.
Aml soft_off(uint8_t type) {
  const Aml value = aml::integer(type);
  return aml::name("\\_S5", aml::package({value, value, aml::integer(0), aml::integer(0)}));
}

}  // namespace

Table build_dsdt(const PcTables& description) {
  Aml system_bus = {dsdt::motherboard(description.pci.ecam, description.reserved_ports),
                    dsdt::pci_host(description.pci)};
  if (description.clock) system_bus.append(real_time_clock(*description.clock));
  if (description.serial) system_bus.append(serial_port(*description.serial));
  if (description.pvpanic) {
    system_bus.append(dsdt::paravirtual("PEVT", "QEMU0001", aml::io_ports(*description.pvpanic)));
  }
  if (description.fw_cfg)
    system_bus.append(dsdt::paravirtual("FWCF", "QEMU0002", aml::io_ports(*description.fw_cfg)));
  system_bus.append(dsdt::processors(description.apic_ids.size()));

  Table table("DSDT", dsdt::kRevision);
  table.add(aml::scope("\\_SB", system_bus).bytes());
  table.add(soft_off(description.power.soft_off_type).bytes());
  return table;
}

}  // namespace lintel::acpi
