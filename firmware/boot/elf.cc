// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/elf.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

constexpr uint64_t kNotesLimit = kMiB;
constexpr uint32_t kXenPhys32Entry = 18;

// Throws unless [offset, +size) is inside the file; widens `end` to hold it.
void require_inside(const ByteSource& file, uint64_t offset, uint64_t size, const char* what,
                    uint64_t& end) {
  if (offset > file.size() || size > file.size() - offset) {
    throw_error("The ELF file's {} [{:#x}, +{:#x}) is not inside the file of {:#x} bytes", what,
                offset, size, file.size());
  }
  end = std::max(end, offset + size);
}

Elf64_Ehdr read_header(const ByteSource& file) {
  const auto header = file.read_object<Elf64_Ehdr>(0);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_machine != EM_X86_64) {
    throw_error("The ELF file is not for 64-bit x86: class {}, data {}, machine {}",
                header.e_ident[EI_CLASS], header.e_ident[EI_DATA], header.e_machine);
  }
  if (header.e_phnum == 0 || header.e_phentsize != sizeof(Elf64_Phdr)) {
    throw_error("The ELF file has {} program headers of {} bytes (e_phnum, e_phentsize), not of {}",
                header.e_phnum, header.e_phentsize, sizeof(Elf64_Phdr));
  }
  return header;
}

void add_segment(const ByteSource& file, const Elf64_Phdr& header, ElfFile& elf) {
  if (header.p_type != PT_LOAD && header.p_type != PT_NOTE) return;
  require_inside(file, header.p_offset, header.p_filesz, "segment", elf.file_end);
  if (header.p_type == PT_LOAD &&
      (header.p_memsz < header.p_filesz || header.p_paddr > UINT64_MAX - header.p_memsz ||
       header.p_vaddr > UINT64_MAX - header.p_memsz)) {
    throw_error("The ELF file's segment at {:#x} has {:#x} bytes in memory and {:#x} in the file",
                header.p_paddr, header.p_memsz, header.p_filesz);
  }
  elf.segments.push_back({.type = header.p_type,
                          .offset = header.p_offset,
                          .file_size = header.p_filesz,
                          .virtual_address = header.p_vaddr,
                          .physical_address = header.p_paddr,
                          .memory_size = header.p_memsz});
}

// Sections matter only for where the file ends.
void measure_sections(const ByteSource& file, const Elf64_Ehdr& header, ElfFile& elf) {
  if (header.e_shnum == 0) return;
  if (header.e_shentsize != sizeof(Elf64_Shdr)) {
    throw_error("The ELF file's section headers have {} bytes (e_shentsize), not {}",
                header.e_shentsize, sizeof(Elf64_Shdr));
  }
  require_inside(file, header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr), "section header table",
                 elf.file_end);
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    const auto section = file.read_object<Elf64_Shdr>(header.e_shoff + i * sizeof(Elf64_Shdr));
    if (section.sh_type == SHT_NULL || section.sh_type == SHT_NOBITS) continue;
    require_inside(file, section.sh_offset, section.sh_size, "section", elf.file_end);
  }
}

std::optional<uint32_t> find_in_notes(std::span<const std::byte> notes) {
  constexpr std::string_view kXen("Xen\0", 4);
  constexpr uint64_t kAlignment = 4;
  uint64_t at = 0;
  while (notes.size() - at >= sizeof(Elf64_Nhdr)) {
    const auto name_size = load_le<Elf64_Word>(&notes[at]);
    const auto description_size = load_le<Elf64_Word>(&notes[at + 4]);
    const auto type = load_le<Elf64_Word>(&notes[at + 8]);
    const uint64_t name_at = at + sizeof(Elf64_Nhdr);
    const uint64_t description_at = name_at + align_up(uint64_t{name_size}, kAlignment);
    const uint64_t next = description_at + align_up(uint64_t{description_size}, kAlignment);
    if (next > notes.size()) return std::nullopt;
    if (type == kXenPhys32Entry && name_size == kXen.size() && description_size >= 4 &&
        std::memcmp(&notes[name_at], kXen.data(), kXen.size()) == 0) {
      return load_le<uint32_t>(&notes[description_at]);
    }
    at = next;
  }
  return std::nullopt;
}

}  // namespace

bool is_elf(const ByteSource& file) {
  if (file.size() < SELFMAG) return false;
  const auto magic = file.read_object<std::array<char, SELFMAG>>(0);
  return std::memcmp(magic.data(), ELFMAG, SELFMAG) == 0;
}

ElfFile parse_elf(const ByteSource& file) {
  const Elf64_Ehdr header = read_header(file);
  ElfFile elf;
  elf.entry = header.e_entry;
  elf.file_end = sizeof header;
  require_inside(file, header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr), "program header table",
                 elf.file_end);
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    add_segment(file, file.read_object<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr)), elf);
  }
  measure_sections(file, header, elf);
  return elf;
}

std::vector<ElfSegment> load_segments(const ElfFile& elf) {
  std::vector<ElfSegment> segments;
  for (const ElfSegment& segment : elf.segments) {
    if (segment.type == kElfLoad && segment.memory_size != 0) segments.push_back(segment);
  }
  if (segments.empty()) throw_error("The ELF file has no segment to load (PT_LOAD)");
  std::sort(segments.begin(), segments.end(), [](const ElfSegment& a, const ElfSegment& b) {
    return a.physical_address < b.physical_address;
  });
  for (size_t i = 1; i < segments.size(); ++i) {
    const ElfSegment& below = segments[i - 1];
    if (below.physical_address + below.memory_size > segments[i].physical_address) {
      throw_error("The ELF file's segments at {:#x} and {:#x} (p_paddr) overlap",
                  below.physical_address, segments[i].physical_address);
    }
  }
  return segments;
}

std::optional<uint32_t> find_pvh_entry(const ByteSource& file, const ElfFile& elf) {
  for (const ElfSegment& segment : elf.segments) {
    if (segment.type != kElfNote) continue;
    std::vector<std::byte> notes(std::min(segment.file_size, kNotesLimit));
    file.read(segment.offset, notes);
    if (const auto entry = find_in_notes(notes)) return entry;
  }
  return std::nullopt;
}

}  // namespace lintel::boot
