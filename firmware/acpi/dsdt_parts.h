// SPDX-License-Identifier: Apache-2.0
// What the namespaces of both boards have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "firmware/acpi/aml.h"
#include "firmware/acpi/resources.h"
#include "firmware/acpi/tables.h"

namespace lintel::acpi::dsdt {

inline constexpr uint8_t kRevision = 2;  // integers have 64 bits

Aml current_resources(const Resources& resources);  // ACPI 6.4, 6.2.2
Aml coherent();                                     // 6.2.17
Aml pci_host(const PciHost& pci);
Aml motherboard(const GuestRange& ecam, std::span<const GuestRange> reserved_ports);
Aml paravirtual(std::string_view path, std::string_view hardware_id, const Resources& resources);
Aml processors(size_t count);

}  // namespace lintel::acpi::dsdt
