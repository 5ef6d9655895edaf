// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/elf.h"

#include <elf.h>

#include <gtest/gtest.h>

#include "tests/unit/firmware/boot/kernel_builder.h"
#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

constexpr uint32_t kNoteType = 18;

TestSegment text() {
  return {.physical = kMiB, .content = Bytes(64, std::byte{0x90}), .memory_size = 128};
}

TestSegment notes(const Bytes& content) {
  return {.physical = 0, .content = content, .type = PT_NOTE};
}

Bytes entry_note(uint64_t entry, size_t size = 8) {
  Bytes description;
  append_value(description, entry);
  description.resize(size);
  return build_note(std::string_view("Xen\0", 4), kNoteType, description);
}

std::optional<uint32_t> pvh_entry(const Bytes& bytes) {
  const SpanSource source(bytes);
  return find_pvh_entry(source, parse_elf(source));
}

TEST(Elf, segments_and_end_are_read) {
  const Bytes bytes = build_elf({.entry = kMiB + 4, .segments = {text(), notes(Bytes(12))}});
  Bytes with_tail = bytes;
  with_tail.resize(bytes.size() + 100);
  const ElfFile elf = parse_elf(SpanSource(with_tail));
  EXPECT_EQ(elf.entry, kMiB + 4);
  ASSERT_EQ(elf.segments.size(), 2u);
  EXPECT_EQ(elf.segments[0].memory_size, 128u);
  EXPECT_EQ(elf.file_end, bytes.size());
}

TEST(Elf, end_without_sections_is_that_of_the_last_segment) {
  const Bytes bytes = build_elf({.entry = kMiB, .segments = {text()}, .sections = false});
  EXPECT_EQ(parse_elf(SpanSource(bytes)).file_end, bytes.size());
}

TEST(Elf, every_truncation_is_refused) {
  const Bytes bytes = build_elf({.entry = kMiB, .segments = {text(), notes(entry_note(1))}});
  for (size_t size = 0; size < bytes.size(); ++size) {
    const SpanSource cut{std::span(bytes).first(size)};
    EXPECT_THROW(parse_elf(cut), Error) << size;
  }
}

TEST(Elf, lying_fields_are_refused) {
  struct Case {
    size_t offset;
    uint64_t value;
    size_t size;
  };
  constexpr size_t kSegment = sizeof(Elf64_Ehdr);
  const Case cases[] = {
      {offsetof(Elf64_Ehdr, e_phoff), UINT64_MAX, 8},
      {offsetof(Elf64_Ehdr, e_phoff), 1ull << 40, 8},
      {offsetof(Elf64_Ehdr, e_phnum), 0xffff, 2},
      {offsetof(Elf64_Ehdr, e_phnum), 0, 2},
      {offsetof(Elf64_Ehdr, e_phentsize), 32, 2},
      {offsetof(Elf64_Ehdr, e_shoff), UINT64_MAX - 8, 8},
      {offsetof(Elf64_Ehdr, e_shentsize), 0, 2},
      {offsetof(Elf64_Ehdr, e_machine), EM_AARCH64, 2},
      {EI_CLASS, ELFCLASS32, 1},
      {kSegment + offsetof(Elf64_Phdr, p_offset), UINT64_MAX, 8},
      {kSegment + offsetof(Elf64_Phdr, p_filesz), UINT64_MAX, 8},
      {kSegment + offsetof(Elf64_Phdr, p_memsz), 63, 8},
      {kSegment + offsetof(Elf64_Phdr, p_memsz), UINT64_MAX, 8},
      {kSegment + offsetof(Elf64_Phdr, p_paddr), UINT64_MAX - 64, 8},
  };
  for (const Case& lie : cases) {
    Bytes bytes = build_elf({.entry = kMiB, .segments = {text()}});
    std::memcpy(&bytes[lie.offset], &lie.value, lie.size);
    EXPECT_THROW(parse_elf(SpanSource(bytes)), Error) << lie.offset << " " << lie.value;
  }
}

TEST(Elf, overlapping_segments_are_refused) {
  TestSegment second = text();
  second.physical += 100;
  const Bytes bytes = build_elf({.entry = kMiB, .segments = {second, text()}});
  EXPECT_THROW(load_segments(parse_elf(SpanSource(bytes))), Error);
  second.physical += 28;
  const Bytes apart = build_elf({.entry = kMiB, .segments = {second, text()}});
  const auto segments = load_segments(parse_elf(SpanSource(apart)));
  ASSERT_EQ(segments.size(), 2u);
  EXPECT_EQ(segments[0].physical_address, kMiB);
}

TEST(Elf, file_with_nothing_to_load_is_refused) {
  const Bytes bytes = build_elf({.entry = kMiB, .segments = {notes(entry_note(1))}});
  EXPECT_THROW(load_segments(parse_elf(SpanSource(bytes))), Error);
}

TEST(PvhEntry, is_found_among_other_notes) {
  Bytes content = build_note(std::string_view("GNU\0", 4), kNoteType, to_bytes("abcdefgh"));
  append(content, build_note(std::string_view("Xen\0", 4), 6, to_bytes("linux")));
  append(content, entry_note(0x1000850));
  EXPECT_EQ(pvh_entry(build_elf({.segments = {text(), notes(content)}})), 0x1000850u);
}

TEST(PvhEntry, may_have_32_bits) {
  EXPECT_EQ(pvh_entry(build_elf({.segments = {notes(entry_note(0x100020, 4))}})), 0x100020u);
}

TEST(PvhEntry, absent_or_damaged_note_is_no_entry) {
  EXPECT_EQ(pvh_entry(build_elf({.segments = {text()}})), std::nullopt);
  EXPECT_EQ(pvh_entry(build_elf({.segments = {notes(entry_note(1, 2))}})), std::nullopt);
  for (const size_t field : {0, 4}) {
    Bytes content = entry_note(1);
    set_value<uint32_t>(content, field, UINT32_MAX);
    EXPECT_EQ(pvh_entry(build_elf({.segments = {notes(content)}})), std::nullopt);
  }
  const Bytes whole = entry_note(1);
  for (size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(pvh_entry(build_elf({.segments = {notes(cut)}})), std::nullopt) << size;
  }
}

}  // namespace
}  // namespace lintel::boot
