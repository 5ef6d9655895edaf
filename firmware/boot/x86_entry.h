// SPDX-License-Identifier: Apache-2.0
// The state in which the boot processor enters a guest that is started without firmware, and the
// two tables in guest memory that this state refers to.
#pragma once

#include <cstdint>

#include "vmm/base/types.h"
#include "vmm/memory/guest_memory.h"

namespace lintel::boot {

// Where in the first megabyte the loader may write. The ranges are usable RAM to the guest: it has
// copied what it needs before it allocates memory.
struct X86BootPlacement {
  GuestAddress gdt;          // 48 bytes
  GuestAddress boot_params;  // one page; the initial stack grows down from here
  GuestAddress page_tables;  // kIdentityMapBytes, page aligned
  GuestRange command_line;   // the command line, then what else the kernel reads by pointer
};

// A segment as descriptor tables and virtualisation interfaces have it (Intel SDM volume 3, 3.4.5).
struct X86Segment {
  uint16_t selector = 0;
  uint32_t limit = 0;  // in bytes, after granularity is applied
  uint8_t type = 0;
  bool code_or_data = false;  // S
  bool long_mode = false;     // L
  bool big = false;           // D/B
  bool granular = false;      // G
};

enum class X86EntryMode : uint8_t {
  kProtected32,  // CR0.PE, no paging
  kLong,         // CR0.PE and PG, CR4.PAE, EFER.LME and LMA; cr3 maps the first 4 GiB one to one
};

// All registers that are not named here are zero, but RFLAGS, which is 2: interrupts are off.
struct X86EntryState {
  X86EntryMode mode = X86EntryMode::kLong;
  uint64_t rip = 0;
  uint64_t rsp = 0;
  uint64_t rsi = 0;
  uint64_t rbx = 0;
  uint64_t cr3 = 0;
  uint64_t gdt_base = 0;
  uint16_t gdt_limit = 0;
  X86Segment code;  // CS
  X86Segment data;  // DS, ES, SS, FS, GS
  X86Segment task;  // TR
};

// PML4, page directory pointers, and four page directories of 2 MiB pages.
inline constexpr uint64_t kIdentityMapBytes = 24 * kKiB;

// Writes the GDT, and for long mode the page tables, and fills in the fields that name them. `rip`
// and the other registers are the caller's. Throws Error if the places are not RAM.
X86EntryState prepare_entry(const GuestMemory& memory, const X86BootPlacement& placement,
                            X86EntryMode mode);

}  // namespace lintel::boot
