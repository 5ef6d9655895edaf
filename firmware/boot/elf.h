// SPDX-License-Identifier: Apache-2.0
// 64-bit little-endian x86 ELF executables, as far as loading one needs them (ELF-64 Object File
// Format, version 1.5).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "firmware/boot/byte_source.h"

namespace lintel::boot {

struct ElfSegment {
  uint32_t type = 0;
  uint64_t offset = 0;  // in the file
  uint64_t file_size = 0;
  uint64_t virtual_address = 0;
  uint64_t physical_address = 0;
  uint64_t memory_size = 0;  // at least file_size
};

struct ElfFile {
  uint64_t entry = 0;
  // In the file's order; each one's bytes are inside the file, none wraps.
  std::vector<ElfSegment> segments;
  // Behind the last byte that a header, segment or section has.
  uint64_t file_end = 0;
};

inline constexpr uint32_t kElfLoad = 1;
inline constexpr uint32_t kElfNote = 4;

// By the magic alone.
bool is_elf(const ByteSource& file);

// Throws Error that names the field.
ElfFile parse_elf(const ByteSource& file);

// The PT_LOAD segments by physical address. Throws Error if there is none, or two overlap.
std::vector<ElfSegment> load_segments(const ElfFile& elf);

// The 32-bit entry point of a PVH kernel: the note XEN_ELFNOTE_PHYS32_ENTRY (Xen,
// public/elfnote.h), if there is one.
std::optional<uint32_t> find_pvh_entry(const ByteSource& file, const ElfFile& elf);

}  // namespace lintel::boot
