// SPDX-License-Identifier: Apache-2.0
// The list of capabilities behind an information structure, as the kernel and other processes that
// serve a device have it ("VFIO cap header format" of vfio-user).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lintel::passthrough {

// struct vfio_info_cap_header of linux/vfio.h.
struct CapabilityHeader {
  uint16_t id = 0;
  uint16_t version = 0;
  uint32_t next = 0;  // from the start of the structure; 0: this is the last
};
static_assert(sizeof(CapabilityHeader) == 8);

struct Capability {
  uint16_t id;
  uint16_t version;
  // What follows the header, up to the end of the structure: capabilities do not tell their size,
  // so whoever reads one checks that it is all there.
  std::span<const std::byte> data;
};

// All of them, in the order of the chain; ids that nobody knows are the caller's to skip. `info` is
// the whole structure with what follows it, of which the first `fixed` bytes cannot hold a
// capability; `first` is the offset of the first, 0: none. Throws Error if an offset is misaligned
// or out of range, or the chain loops. The result points into `info`.
std::vector<Capability> capability_chain(std::span<const std::byte> info, size_t fixed,
                                         uint32_t first);

}  // namespace lintel::passthrough
