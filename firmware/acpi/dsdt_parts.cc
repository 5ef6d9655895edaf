// SPDX-License-Identifier: Apache-2.0
#include "firmware/acpi/dsdt_parts.h"

#include <fmt/core.h>

#include "firmware/acpi/builders.h"
#include "vmm/base/error.h"

namespace lintel::acpi::dsdt {
namespace {

// ACPI 6.4, 6.3.7: present, enabled and working, but not shown to the user.
constexpr uint64_t kPresentHidden = 0x0b;

// Offers the operating system native control of the PCI Express features that the board models
// (PCI Firmware Specification 3.2, 4.5.1 and 4.5.2; ACPI 6.4, 6.2.11).
Aml operating_system_capabilities() {
  constexpr std::string_view kPciHostBridge = "33db4d5b-1ff7-401c-9657-7441c03dd766";
  constexpr uint64_t kRevisionOne = 1;
  // First dword, what comes back.
  constexpr uint64_t kUnrecognizedUuid = 1u << 2;
  constexpr uint64_t kUnrecognizedRevision = 1u << 3;
  constexpr uint64_t kCapabilitiesMasked = 1u << 4;
  // Third dword, control. Not offered: SHPC (bit 1), LTR (5) and DPC (7).
  constexpr uint64_t kNativeHotPlug = 1u << 0;
  constexpr uint64_t kPowerManagementEvents = 1u << 2;
  constexpr uint64_t kAdvancedErrorReporting = 1u << 3;
  constexpr uint64_t kCapabilityStructure = 1u << 4;
  constexpr uint64_t kGranted =
      kNativeHotPlug | kPowerManagementEvents | kAdvancedErrorReporting | kCapabilityStructure;
  constexpr uint64_t kControlOffset = 8;

  const Aml uuid = aml::argument(0);
  const Aml revision = aml::argument(1);
  const Aml buffer = aml::argument(3);
  const Aml status = aml::path("CDW1");
  const Aml control = aml::path("CDW3");
  const Aml granted = aml::local(0);
  const auto set_status = [&](uint64_t bit) {
    return aml::bit_or(status, aml::integer(bit), status);
  };

  return aml::method(
      "_OSC", {.arguments = 4, .concurrency = aml::Concurrency::kSerialized},
      {aml::create_dword_field(buffer, 0, "CDW1"),
       aml::if_else(
           aml::equal(uuid, aml::uuid(kPciHostBridge)),
           {aml::create_dword_field(buffer, kControlOffset, "CDW3"),
            aml::bit_and(control, aml::integer(kGranted), granted),
            aml::if_then(aml::logical_not(aml::equal(revision, aml::integer(kRevisionOne))),
                         set_status(kUnrecognizedRevision)),
            aml::if_then(aml::logical_not(aml::equal(control, granted)),
                         set_status(kCapabilitiesMasked)),
            aml::store(granted, control)},
           set_status(kUnrecognizedUuid)),
       aml::return_value(buffer)});
}

// 6.2.13: for every pin of every slot the global system interrupt that it is wired to.
Aml interrupt_routing(const PciHost& pci) {
  constexpr uint32_t kSlots = 32;
  constexpr uint32_t kPins = 4;
  constexpr uint32_t kAllFunctions = 0xffff;
  if (pci.gsi_count == 0) throw_error("PCI pins have no interrupt to go to");
  std::vector<Aml> routes;
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    for (uint32_t pin = 0; pin < kPins; ++pin) {
      const uint32_t gsi = pci.first_gsi.value + (slot + pin) % pci.gsi_count;
      routes.push_back(aml::package({aml::integer(slot << 16 | kAllFunctions), aml::integer(pin),
                                     aml::integer(0), aml::integer(gsi)}));
    }
  }
  return aml::name("_PRT", aml::package(routes));
}

Resources io_window(const PciHost& pci, GuestRange ports) {
  if (!pci.io_memory) return aml::io_window(ports);
  return aml::translated_io_window(ports, *pci.io_memory);
}

}  // namespace

Aml current_resources(const Resources& resources) {
  return aml::name("_CRS", aml::resource_template(resources));
}

Aml coherent() {
  return aml::name("_CCA", aml::integer(1));
}

Aml pci_host(const PciHost& pci) {
  Resources windows = aml::bus_window(0, static_cast<uint8_t>(bus_count(pci) - 1));
  if (pci.config_ports) windows.append(aml::io_ports(*pci.config_ports));
  for (const GuestRange& ports : pci.io_windows) windows.append(io_window(pci, ports));
  for (const GuestRange& window : pci.memory_windows) windows.append(aml::memory_window(window));
  Aml body = {aml::name("_HID", aml::eisa_id("PNP0A08")),  // PCI Express
              aml::name("_CID", aml::eisa_id("PNP0A03")),  // PCI
              aml::name("_SEG", aml::integer(0)),
              aml::name("_BBN", aml::integer(0)),
              aml::name("_UID", aml::integer(0)),
              current_resources(windows),
              interrupt_routing(pci),
              operating_system_capabilities()};
  if (pci.says_coherent) body.append(coherent());
  return aml::device("PCI0", body);
}

// The configuration space has to be reserved by a motherboard resource, or the operating system
// does not use it (PCI Firmware Specification 3.2, 4.1.2).
Aml motherboard(const GuestRange& ecam, std::span<const GuestRange> reserved_ports) {
  Resources used = aml::memory(ecam);
  for (const GuestRange& ports : reserved_ports) used.append(aml::io_ports(ports));
  return aml::device("MBRD", {aml::name("_HID", aml::eisa_id("PNP0C02")),
                              aml::name("_UID", aml::integer(0)), current_resources(used)});
}

// A device of the paravirtual kind, which guests know by the hardware id of its first maker.
Aml paravirtual(std::string_view path, std::string_view hardware_id, const Resources& resources) {
  return aml::device(
      path, {aml::name("_HID", aml::string(hardware_id)),
             aml::name("_STA", aml::integer(kPresentHidden)), current_resources(resources)});
}

// 8.4: the UID leads to the processor's entry in the MADT.
Aml processors(size_t count) {
  Aml all;
  for (size_t uid = 0; uid < count; ++uid) {
    all.append(aml::device(fmt::format("C{:03X}", uid), {aml::name("_HID", aml::string("ACPI0007")),
                                                         aml::name("_UID", aml::integer(uid))}));
  }
  return all;
}

}  // namespace lintel::acpi::dsdt
