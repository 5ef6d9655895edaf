// SPDX-License-Identifier: Apache-2.0
// Where a directly entered kernel runs in its address space, chosen as its own unpacking code
// would (Linux arch/x86/boot/compressed/kaslr.c).
//
// Its physical place stays the preferred one: to move that, the kernel's own code also reads mem=,
// memmap= and others from the command line, and the kernel randomises its map of physical memory
// by itself.
#pragma once

#include <cstdint>
#include <string_view>

#include "firmware/boot/bzimage.h"

namespace lintel::boot {

// Whether the command line has this word.
bool has_word(std::string_view command_line, std::string_view word);

// How far above its link address the kernel runs, one of the possible offsets for each `random`.
uint64_t virtual_offset(const BzImage& image, uint64_t random);

}  // namespace lintel::boot
