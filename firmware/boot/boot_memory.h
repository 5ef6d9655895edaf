// SPDX-License-Identifier: Apache-2.0
// What the guest is told of its physical memory, and where in it a loader may put things.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "vmm/base/types.h"
#include "vmm/memory/guest_memory.h"

namespace lintel::boot {

// ACPI 6.4, table 15.1.
enum class MemoryType : uint32_t { kRam = 1, kReserved = 2, kAcpi = 3, kNvs = 4 };

struct MemoryMapEntry {
  GuestRange range;
  MemoryType type = MemoryType::kReserved;

  constexpr auto operator<=>(const MemoryMapEntry&) const = default;
};

// Whether RAM still has the zeros that the host made it with, or what an earlier boot left.
enum class RamState : uint8_t { kZeroed, kUsed };

// The guest's memory map: RAM where no reserved range is, and the reserved ranges, which may lie
// outside RAM. Sorted, disjoint. Throws Error if reserved ranges overlap each other.
std::vector<MemoryMapEntry> make_memory_map(const GuestMemory& memory,
                                            std::span<const MemoryMapEntry> reserved);

struct Placement {
  uint64_t size = 0;
  uint64_t alignment = 1;         // a power of two
  uint64_t lowest = 0;            // of the first byte
  uint64_t highest = UINT64_MAX;  // of the last byte
};

// The highest place in usable RAM that touches none of `taken`.
std::optional<GuestAddress> find_highest(std::span<const MemoryMapEntry> map,
                                         std::span<const GuestRange> taken,
                                         const Placement& wanted);

// Throws Error, with how much memory the guest would need, unless the range is usable RAM.
void require_ram(std::span<const MemoryMapEntry> map, GuestRange range, std::string_view what);

// Zeros, unless they are there already.
void clear(const GuestMemory& memory, GuestRange range, RamState state);

}  // namespace lintel::boot
