// SPDX-License-Identifier: Apache-2.0
// struct boot_params, the "zero page", and what it points to (Linux
// Documentation/arch/x86/zero-page.rst and boot.rst).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "firmware/boot/boot_memory.h"
#include "firmware/boot/bzimage.h"
#include "firmware/boot/x86_entry.h"
#include "vmm/memory/guest_memory.h"

namespace lintel::boot {

struct ZeroPage {
  const BzImage& image;
  std::span<const MemoryMapEntry> memory_map;
  std::string_view command_line;
  GuestRange initrd;                // size zero: none
  GuestAddress rsdp;                // zero: none
  std::span<const std::byte> seed;  // for the guest's random number generator; may be empty
  bool randomized = false;          // the kernel does not run where it was linked
};

// Throws Error if the command line does not fit, or the memory map has too many entries.
void write_zero_page(const GuestMemory& memory, const X86BootPlacement& placement,
                     const ZeroPage& content);

// Writes the command line with its terminating zero. Throws Error if it has more than `limit`
// characters, has a zero inside, or is longer than its place.
void write_command_line(const GuestMemory& memory, GuestRange place, std::string_view text,
                        uint64_t limit);

}  // namespace lintel::boot
