// SPDX-License-Identifier: Apache-2.0
// A flat binary, for tests of the bare machine.
#pragma once

#include <string>

#include "firmware/boot/x86_entry.h"
#include "vmm/memory/guest_memory.h"

namespace lintel::boot {

// Loads the whole file to `address` and enters its first byte in long mode. Throws Error if the
// file does not fit into RAM there.
X86EntryState load_flat(const GuestMemory& memory, const X86BootPlacement& placement,
                        const std::string& path, GuestAddress address);

}  // namespace lintel::boot
