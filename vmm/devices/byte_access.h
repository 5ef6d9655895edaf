// SPDX-License-Identifier: Apache-2.0
// A device of 8-bit registers sees a wider access as consecutive byte accesses, as an 8-bit card on
// an ISA bus does.
#pragma once

#include <cstdint>

#include "vmm/base/types.h"

namespace lintel {

// `read` gets an offset and returns a byte.
template <typename Read>
uint64_t read_by_bytes(uint64_t offset, AccessSize size, Read&& read) {
  uint64_t value = 0;
  for (unsigned i = 0; i < bytes(size); ++i) {
    value |= static_cast<uint64_t>(static_cast<uint8_t>(read(offset + i))) << (8 * i);
  }
  return value;
}

// `write` gets an offset and a byte.
template <typename Write>
void write_by_bytes(uint64_t offset, AccessSize size, uint64_t value, Write&& write) {
  for (unsigned i = 0; i < bytes(size); ++i) {
    write(offset + i, static_cast<uint8_t>(value >> (8 * i)));
  }
}

}  // namespace lintel
