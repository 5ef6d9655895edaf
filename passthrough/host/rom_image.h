// SPDX-License-Identifier: Apache-2.0
// What an option ROM file holds, before a guest fails on it in silence (PCI Firmware 3.0, 5.1; UEFI
// 2.10, 14.4.2).
#pragma once

#include <string_view>
#include <vector>

#include "passthrough/host/address.h"
#include "passthrough/host/complaint.h"

namespace lintel::passthrough::host {

// Complains of what is no ROM (fatal), is for another device, or has no UEFI driver (warnings).
std::vector<Complaint> check_rom_image(std::string_view bytes, PciIds device);

}  // namespace lintel::passthrough::host
