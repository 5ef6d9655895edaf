// SPDX-License-Identifier: Apache-2.0
// In place of iommufd.cc, where the kernel headers lack it.
#include "passthrough/uapi/iommufd.h"
#include "vmm/base/error.h"

namespace lintel::passthrough::uapi {
namespace {

[[noreturn]] void refuse() {
  throw Error("This lintel was built without iommufd: its kernel headers were older than Linux 6.6")
      .with_help("build it with newer ones (-DLINTEL_KERNEL_HEADERS=FOLDER), or use the container");
}

}  // namespace

bool built_with_iommufd() {
  return false;
}

uint32_t allocate_ioas(Kernel&, int) {
  refuse();
}

void set_huge_pages(Kernel&, int, uint32_t, bool) {
  refuse();
}

DmaGeometry ioas_geometry(Kernel&, int, uint32_t) {
  refuse();
}

void ioas_map(Kernel&, int, uint32_t, const MappedMemory&) {
  refuse();
}

uint64_t ioas_unmap(Kernel&, int, uint32_t, GuestRange) {
  refuse();
}

uint32_t bind_iommufd(Kernel&, int, int) {
  refuse();
}

void attach_ioas(Kernel&, int, uint32_t) {
  refuse();
}

}  // namespace lintel::passthrough::uapi
