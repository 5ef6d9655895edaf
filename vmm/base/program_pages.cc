// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/program_pages.h"

#include <link.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>

namespace lintel {
namespace {

bool is_traced() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("TracerPid:")) return line != "TracerPid:\t0";
  }
  return false;
}

int release(dl_phdr_info* object, size_t /*size*/, void* /*argument*/) {
  // The kernel's own pages are no file's.
  const auto page = static_cast<uintptr_t>(getpagesize());
  const auto headers = reinterpret_cast<uintptr_t>(object->dlpi_phdr);
  if ((headers & ~(page - 1)) == getauxval(AT_SYSINFO_EHDR)) return 0;
  for (size_t i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W)) continue;
    // Whole pages of its own: a linker may let two segments meet in one page of the file, never in
    // one of memory.
    const uintptr_t begin = (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    const uintptr_t end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    // A failure costs memory only.
    madvise(std::bit_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void release_program_pages() {
  if (!is_traced()) dl_iterate_phdr(release, nullptr);
}

}  // namespace lintel
