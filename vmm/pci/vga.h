// SPDX-License-Identifier: Apache-2.0
// The addresses that graphics cards answer at since the VGA of 1987, wherever their BARs are (PCI
// Code and ID Assignment 1.11, 1.4; the ranges are those of the VGA Enable bit, PCI-to-PCI Bridge
// 1.2, 3.2.5.18).
#pragma once

#include <array>

#include "vmm/base/types.h"

namespace lintel::pci {

inline constexpr GuestRange kVgaMemory{GuestAddress(0xa0000), 0x20000};
inline constexpr std::array kVgaPorts{GuestRange{GuestAddress(0x3b0), 12},
                                      GuestRange{GuestAddress(0x3c0), 32}};

}  // namespace lintel::pci
