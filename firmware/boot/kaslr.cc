// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/kaslr.h"

#include "vmm/base/types.h"

namespace lintel::boot {
namespace {

// The part of the address space that kernels with KASLR keep for their image
// (Documentation/arch/x86/x86_64/mm.rst, "kernel text mapping").
constexpr uint64_t kKernelMapSize = kGiB;
constexpr uint64_t kLargePage = 2 * kMiB;

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

bool has_word(std::string_view command_line, std::string_view word) {
  for (size_t at = command_line.find(word); at != std::string_view::npos;
       at = command_line.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || is_space(command_line[at - 1])) &&
        (end == command_line.size() || is_space(command_line[end]))) {
      return true;
    }
  }
  return false;
}

uint64_t virtual_offset(const BzImage& image, uint64_t random) {
  const uint64_t end = image.preferred_address + align_up(image.init_size, kLargePage);
  if (end > kKernelMapSize) return 0;
  const uint64_t places = (kKernelMapSize - end) / image.alignment + 1;
  return random % places * image.alignment;
}

}  // namespace lintel::boot
