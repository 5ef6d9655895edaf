// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/boot_memory.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "vmm/base/error.h"

namespace lintel::boot {

std::vector<MemoryMapEntry> make_memory_map(const GuestMemory& memory,
                                            std::span<const MemoryMapEntry> reserved) {
  std::vector<MemoryMapEntry> map(reserved.begin(), reserved.end());
  std::sort(map.begin(), map.end());
  for (size_t i = 0; i < map.size(); ++i) {
    const GuestRange range = map[i].range;
    if (!range.valid() || (i > 0 && map[i - 1].range.overlaps(range))) {
      throw_error("Reserved memory [{:#x}, +{:#x}) is empty, wraps or overlaps another",
                  range.base.value, range.size);
    }
  }
  const size_t reserved_count = map.size();
  for (const RamRegion& region : memory.regions()) {
    uint64_t at = region.range.base.value;
    const uint64_t end = region.range.end();
    for (size_t i = 0; i < reserved_count && at < end; ++i) {
      const GuestRange hole = map[i].range;
      if (!hole.overlaps({GuestAddress(at), end - at})) continue;
      if (hole.base.value > at) {
        map.push_back({{GuestAddress(at), hole.base.value - at}, MemoryType::kRam});
      }
      // last() and not end(): a hole up to the end of the address space ends at zero.
      at = hole.last() >= end - 1 ? end : hole.end();
    }
    if (at < end) map.push_back({{GuestAddress(at), end - at}, MemoryType::kRam});
  }
  std::sort(map.begin(), map.end());
  return map;
}

namespace {

// The highest place inside one range, going down below each taken range that is in the way.
std::optional<GuestAddress> find_in(GuestRange range, std::span<const GuestRange> taken,
                                    const Placement& wanted) {
  const uint64_t lowest = std::max(range.base.value, wanted.lowest);
  uint64_t last = std::min(range.last(), wanted.highest);
  while (true) {
    if (last < lowest || last - lowest < wanted.size - 1) return std::nullopt;
    const uint64_t start = align_down(last - (wanted.size - 1), wanted.alignment);
    if (start < lowest) return std::nullopt;
    const GuestRange candidate{GuestAddress(start), wanted.size};
    const auto obstacle = std::find_if(taken.begin(), taken.end(), [&](const GuestRange& other) {
      return other.overlaps(candidate);
    });
    if (obstacle == taken.end()) return candidate.base;
    if (obstacle->base.value == 0) return std::nullopt;
    last = obstacle->base.value - 1;
  }
}

}  // namespace

std::optional<GuestAddress> find_highest(std::span<const MemoryMapEntry> map,
                                         std::span<const GuestRange> taken,
                                         const Placement& wanted) {
  if (wanted.size == 0) return std::nullopt;
  for (auto entry = map.rbegin(); entry != map.rend(); ++entry) {
    if (entry->type != MemoryType::kRam) continue;
    if (const auto found = find_in(entry->range, taken, wanted)) return found;
  }
  return std::nullopt;
}

void require_ram(std::span<const MemoryMapEntry> map, GuestRange range, std::string_view what) {
  if (!range.valid()) {
    throw_error("{} has no place in the address space: {:#x} bytes at {:#x}", what, range.size,
                range.base.value);
  }
  uint64_t ram_end = 0;
  for (const MemoryMapEntry& entry : map) {
    if (entry.type != MemoryType::kRam) continue;
    if (entry.range.contains(range.base, range.size)) return;
    if (entry.range.base <= range.base) ram_end = std::max(ram_end, entry.range.end());
  }
  Error error(
      fmt::format("{} needs {:#x} bytes of RAM at {:#x}, but usable RAM there ends at {:#x}", what,
                  range.size, range.base.value, ram_end));
  throw std::move(error).with_help(
      fmt::format("set memory.size to at least \"{} MiB\"", (range.last() / kMiB) + 1));
}

void clear(const GuestMemory& memory, GuestRange range, RamState state) {
  if (state == RamState::kZeroed) return;
  const auto bytes = memory.slice(range.base, range.size);
  if (!bytes.empty()) std::memset(bytes.data(), 0, bytes.size());
}

}  // namespace lintel::boot
