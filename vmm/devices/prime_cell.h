// SPDX-License-Identifier: Apache-2.0
// What ARM's PrimeCell peripherals have in common: registers of one 32-bit word each in a page of
// 4 KiB, and identification registers at its end.
#pragma once

#include <cstdint>

#include "vmm/base/types.h"

namespace lintel::prime_cell {

inline constexpr uint64_t kSize = 4 * kKiB;

// UARTPeriphID and its like in the other manuals (ARM DDI 0183, 3.3.15 and 3.3.16): four registers
// of 8 bits, the part number lowest, and the four that every PrimeCell has.
inline constexpr uint64_t kPeripheralId = 0xfe0;
inline constexpr uint64_t kCellId = 0xff0;
inline constexpr uint32_t kCellIdValue = 0xb105f00d;

// The register at `offset`, a multiple of 4 from kPeripheralId on.
constexpr uint32_t read_id(uint64_t offset, uint32_t peripheral) {
  const uint32_t ids = offset >= kCellId ? kCellIdValue : peripheral;
  return ids >> (2 * (offset & 0xc)) & 0xff;
}

// A narrow access that starts where a register does reaches the register's low bits; one that
// starts inside of a register reads zeros and writes nothing; a wide one reaches two registers.
//
// `read` gets the offset of a register and returns its 32 bits.
template <typename Read>
uint64_t read_words(uint64_t offset, AccessSize size, Read&& read) {
  uint64_t value = 0;
  for (unsigned done = 0; done < bytes(size);) {
    const uint64_t at = offset + done;
    if (at % 4 == 0) value |= static_cast<uint64_t>(uint32_t{read(at)}) << (8 * done);
    done += 4 - static_cast<unsigned>(at % 4);
  }
  return value & all_ones(size);
}

// `write` gets the offset of a register and the value.
template <typename Write>
void write_words(uint64_t offset, AccessSize size, uint64_t value, Write&& write) {
  for (unsigned done = 0; done < bytes(size);) {
    const uint64_t at = offset + done;
    if (at % 4 == 0) write(at, static_cast<uint32_t>(value >> (8 * done)));
    done += 4 - static_cast<unsigned>(at % 4);
  }
}

}  // namespace lintel::prime_cell
