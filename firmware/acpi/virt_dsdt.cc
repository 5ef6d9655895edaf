// SPDX-License-Identifier: Apache-2.0
// The namespace of the arm64 board.
#include <fmt/core.h>

#include "firmware/acpi/dsdt_parts.h"
#include "firmware/acpi/virt_builders.h"
#include "vmm/base/error.h"

namespace lintel::acpi {
namespace {

using arm64::MmioDevice;
using arm64::PowerButton;

constexpr std::string_view kButton = "PWRB";

Resources registers_and_interrupt(const MmioDevice& device) {
  return {aml::memory(device.registers), aml::interrupt(Gsi(device.interrupt.intid()))};
}

Aml serial_port(const MmioDevice& serial) {
  return aml::device(
      "COM0", {aml::name("_HID", aml::string("ARMH0011")), aml::name("_UID", aml::integer(0)),
               dsdt::current_resources(registers_and_interrupt(serial))});
}

// ACPI 6.4, 5.6.5.3: an edge of the line runs the method that is named by it.
Aml power_button(const PowerButton& button) {
  constexpr uint8_t kLines = 8;
  constexpr uint64_t kPressed = 0x80;  // table 5.187
  if (button.line >= kLines) throw_error("A PL061 has no line {}", unsigned{button.line});
  const Aml gpio = aml::device(
      "GPO0", {aml::name("_HID", aml::string("ARMH0061")), aml::name("_UID", aml::integer(0)),
               dsdt::current_resources(registers_and_interrupt(button.gpio)),
               aml::name("_AEI", aml::resource_template(aml::gpio_event("GPO0", button.line))),
               aml::method(fmt::format("_E{:02X}", button.line), {},
                           aml::notify(aml::path(kButton), kPressed))});
  return {aml::device(kButton, {aml::name("_HID", aml::eisa_id("PNP0C0C")),
                                aml::name("_UID", aml::integer(0))}),
          gpio};
}

}  // namespace

Table build_virt_dsdt(const VirtTables& description) {
  Aml system_bus = {dsdt::motherboard(description.pci.ecam, {}), dsdt::pci_host(description.pci)};
  if (description.serial) system_bus.append(serial_port(*description.serial));
  if (description.power_button) system_bus.append(power_button(*description.power_button));
  if (description.pvpanic) {
    system_bus.append(dsdt::paravirtual("PEVT", "QEMU0001", aml::memory(*description.pvpanic)));
  }
  if (description.fw_cfg) {
    system_bus.append(aml::device(
        "FWCF", {aml::name("_HID", aml::string("QEMU0002")),
                 dsdt::current_resources(aml::memory(*description.fw_cfg)), dsdt::coherent()}));
  }
  system_bus.append(dsdt::processors(description.mpidrs.size()));

  Table table("DSDT", dsdt::kRevision);
  table.add(aml::scope("\\_SB", system_bus).bytes());
  return table;
}

}  // namespace lintel::acpi
