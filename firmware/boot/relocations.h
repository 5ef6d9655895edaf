// SPDX-License-Identifier: Apache-2.0
// The table behind the unpacked x86-64 kernel that says which of its words hold addresses. It is
// made by arch/x86/tools/relocs and read by the kernel's own unpacking code.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lintel::boot {

enum class RelocationKind : uint8_t {
  kAddress64,  // 64 bits, moves with the kernel
  kAddress32,  // the low 32 bits of an address
  kInverse32,  // 32 bits, relative to the kernel from a place that does not move (per-CPU data)
};
inline constexpr size_t kRelocationKinds = 3;

// Where the words are, as offsets from the kernel's first byte, by kind.
using Relocations = std::array<std::vector<uint32_t>, kRelocationKinds>;

struct RelocationBounds {
  uint64_t link_address = 0;  // physical, of the kernel's first byte
  uint64_t memory_size = 0;   // of the kernel
};

// Throws Error if the table is empty, or is not of a known layout: a table that is not understood
// must not be applied.
Relocations parse_relocations(std::span<const std::byte> table, const RelocationBounds& bounds);

// Moves the words at `offsets` by `delta`. Throws Error at an offset outside the kernel.
void apply_relocations(std::span<std::byte> kernel, std::span<const uint32_t> offsets,
                       RelocationKind kind, uint64_t delta);

}  // namespace lintel::boot
