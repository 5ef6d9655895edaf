// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/pvh.h"

#include <array>
#include <vector>

#include "firmware/boot/zero_page.h"
#include "vmm/base/endian.h"
#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

// public/arch-x86/hvm/start_info.h, version 1.
struct StartInfo {
  uint32_t magic = 0x336ec578;
  uint32_t version = 1;
  uint32_t flags = 0;
  uint32_t module_count = 0;
  uint64_t modules = 0;
  uint64_t command_line = 0;
  uint64_t rsdp = 0;
  uint64_t memory_map = 0;
  uint32_t memory_map_entries = 0;
  uint32_t reserved = 0;
};
static_assert(sizeof(StartInfo) == 56);

struct Module {
  uint64_t address = 0;
  uint64_t size = 0;
  uint64_t command_line = 0;
  uint64_t reserved = 0;
};
static_assert(sizeof(Module) == 32);

struct MapEntry {
  uint64_t address = 0;
  uint64_t size = 0;
  uint32_t type = 0;
  uint32_t reserved = 0;
};
static_assert(sizeof(MapEntry) == 24);

constexpr uint64_t kPage = 4 * kKiB;
constexpr size_t kMapLimit = (kPage - sizeof(StartInfo) - sizeof(Module)) / sizeof(MapEntry);

}  // namespace

GuestRange load_elf(const GuestMemory& memory, const ByteSource& file, const ElfFile& elf,
                    std::span<const MemoryMapEntry> memory_map, RamState ram) {
  const auto segments = load_segments(elf);
  for (const ElfSegment& segment : segments) {
    const GuestAddress address(segment.physical_address);
    require_ram(memory_map, {address, segment.memory_size}, "The ELF file's segment");
    file.read_into(memory, address, segment.offset, segment.file_size);
    clear(memory, {address + segment.file_size, segment.memory_size - segment.file_size}, ram);
  }
  const ElfSegment& last = segments.back();
  const uint64_t start = segments.front().physical_address;
  return {GuestAddress(start), last.physical_address + last.memory_size - start};
}

X86EntryState prepare_pvh(const GuestMemory& memory, const X86BootPlacement& placement,
                          const PvhStart& start, uint32_t entry) {
  if (start.memory_map.size() > kMapLimit) {
    throw_error("The memory map has {} entries; the start information has room for {}",
                start.memory_map.size(), kMapLimit);
  }
  write_command_line(memory, placement.command_line, start.command_line,
                     placement.command_line.size - 1);

  const GuestAddress module_at = placement.boot_params + sizeof(StartInfo);
  const GuestAddress map_at = module_at + sizeof(Module);
  StartInfo info;
  info.command_line = placement.command_line.base.value;
  info.rsdp = start.rsdp.value;
  info.memory_map = map_at.value;
  info.memory_map_entries = static_cast<uint32_t>(start.memory_map.size());
  Module module;
  if (start.initrd.size != 0) {
    info.module_count = 1;
    info.modules = module_at.value;
    module = {.address = start.initrd.base.value, .size = start.initrd.size};
  }
  std::vector<MapEntry> map;
  map.reserve(start.memory_map.size());
  for (const MemoryMapEntry& item : start.memory_map) {
    map.push_back({.address = item.range.base.value,
                   .size = item.range.size,
                   .type = static_cast<uint32_t>(item.type)});
  }
  if (!memory.write_object(placement.boot_params, info) ||
      !memory.write_object(module_at, module) ||
      !memory.write(map_at, std::as_bytes(std::span(map)))) {
    throw_error("No RAM for the start information at {:#x}", placement.boot_params.value);
  }

  X86EntryState state = prepare_entry(memory, placement, X86EntryMode::kProtected32);
  state.rip = entry;
  state.rbx = placement.boot_params.value;
  return state;
}

}  // namespace lintel::boot
