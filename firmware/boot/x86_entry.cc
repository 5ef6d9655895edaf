// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/x86_entry.h"

#include <array>

#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

constexpr uint64_t kPage = 4 * kKiB;
constexpr uint64_t kLargePage = 2 * kMiB;

// Intel SDM volume 3, 4.5: page table entries.
constexpr uint64_t kPresent = 1 << 0;
constexpr uint64_t kWritable = 1 << 1;
constexpr uint64_t kPageSize = 1 << 7;

// The selectors that Linux asks for as __BOOT_CS and __BOOT_DS (Documentation/arch/x86/boot.rst,
// "64-bit Boot Protocol").
constexpr uint16_t kCodeSelector = 0x10;
constexpr uint16_t kDataSelector = 0x18;
constexpr uint16_t kTaskSelector = 0x20;

X86Segment code_segment(X86EntryMode mode) {
  const bool long_mode = mode == X86EntryMode::kLong;
  return {.selector = kCodeSelector,
          .limit = UINT32_MAX,
          .type = 0xb,  // execute, read, accessed
          .code_or_data = true,
          .long_mode = long_mode,
          .big = !long_mode,
          .granular = true};
}

constexpr X86Segment kDataSegment = {.selector = kDataSelector,
                                     .limit = UINT32_MAX,
                                     .type = 0x3,  // read, write, accessed
                                     .code_or_data = true,
                                     .long_mode = false,
                                     .big = true,
                                     .granular = true};
// PVH asks for a task register with this limit (xen/include/public/arch-x86/hvm/start_info.h); the
// segment is never switched to.
constexpr X86Segment kTaskSegment = {.selector = kTaskSelector, .limit = 0x67, .type = 0xb};

// Intel SDM volume 3, figure 3-8; the base is zero.
uint64_t descriptor(const X86Segment& segment) {
  const uint64_t limit = segment.granular ? segment.limit >> 12 : segment.limit;
  constexpr uint64_t present = 1;
  return (limit & 0xffff) | (uint64_t{segment.type} << 40) |
         (uint64_t{segment.code_or_data} << 44) | (present << 47) | ((limit >> 16 & 0xf) << 48) |
         (uint64_t{segment.long_mode} << 53) | (uint64_t{segment.big} << 54) |
         (uint64_t{segment.granular} << 55);
}

void write_identity_map(const GuestMemory& memory, GuestAddress at) {
  using Table = std::array<uint64_t, 512>;
  const auto write = [&](uint64_t index, const Table& table) {
    if (!memory.write_object(at + index * kPage, table)) {
      throw_error("No RAM for page tables at {:#x}", (at + index * kPage).value);
    }
  };
  constexpr uint64_t kDirectories = 4;
  const uint64_t flags = kPresent | kWritable;
  Table table{};
  table[0] = (at.value + kPage) | flags;
  write(0, table);
  table = {};
  for (uint64_t i = 0; i < kDirectories; ++i) table[i] = (at.value + (2 + i) * kPage) | flags;
  write(1, table);
  for (uint64_t i = 0; i < kDirectories; ++i) {
    for (uint64_t j = 0; j < table.size(); ++j) {
      table[j] = (i * table.size() + j) * kLargePage | flags | kPageSize;
    }
    write(2 + i, table);
  }
}

}  // namespace

X86EntryState prepare_entry(const GuestMemory& memory, const X86BootPlacement& placement,
                            X86EntryMode mode) {
  X86EntryState state;
  state.mode = mode;
  state.code = code_segment(mode);
  state.data = kDataSegment;
  state.task = kTaskSegment;
  state.rsp = placement.boot_params.value;
  // In long mode the task descriptor has a second half, the upper base, which is the zero behind.
  const std::array<uint64_t, 6> gdt = {
      0, 0, descriptor(state.code), descriptor(state.data), descriptor(state.task), 0};
  if (!memory.write_object(placement.gdt, gdt)) {
    throw_error("No RAM for the GDT at {:#x}", placement.gdt.value);
  }
  state.gdt_base = placement.gdt.value;
  state.gdt_limit = sizeof gdt - 1;
  if (mode == X86EntryMode::kLong) {
    write_identity_map(memory, placement.page_tables);
    state.cr3 = placement.page_tables.value;
  }
  return state;
}

}  // namespace lintel::boot
