// SPDX-License-Identifier: Apache-2.0
// Entering a kernel by PVH: 32-bit protected mode, %ebx points to struct hvm_start_info (Xen,
// public/arch-x86/hvm/start_info.h; Linux takes this entry with CONFIG_PVH).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "firmware/boot/boot_memory.h"
#include "firmware/boot/byte_source.h"
#include "firmware/boot/elf.h"
#include "firmware/boot/x86_entry.h"
#include "vmm/memory/guest_memory.h"

namespace lintel::boot {

struct PvhStart {
  std::span<const MemoryMapEntry> memory_map;
  std::string_view command_line;
  GuestRange initrd;  // size zero: none
  GuestAddress rsdp;
};

// Every PT_LOAD segment to its physical address. Returns the range from the lowest to the highest
// byte. Throws Error if a segment is not in usable RAM or two overlap.
GuestRange load_elf(const GuestMemory& memory, const ByteSource& file, const ElfFile& elf,
                    std::span<const MemoryMapEntry> memory_map, RamState ram);

// Writes the command line and the start information, the latter to the place of the boot
// parameters. Returns the entry state for `entry`.
X86EntryState prepare_pvh(const GuestMemory& memory, const X86BootPlacement& placement,
                          const PvhStart& start, uint32_t entry);

}  // namespace lintel::boot
