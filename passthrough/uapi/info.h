// SPDX-License-Identifier: Apache-2.0
// VFIO's information structures: `argsz` first, which the kernel raises if more could be said than
// there is room for.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "passthrough/uapi/kernel.h"
#include "vmm/base/error.h"
#include "vmm/base/types.h"

namespace lintel::passthrough::uapi {

// The structure at the start of `bytes`; what the bytes do not reach is zero.
template <typename Structure>
Structure leading(std::span<const std::byte> bytes) {
  Structure structure{};
  std::memcpy(&structure, bytes.data(), std::min(sizeof structure, bytes.size()));
  return structure;
}

// Asks with growing room until everything is there. Throws Error.
template <typename Structure>
std::vector<std::byte> read_info(Kernel& kernel, int fd, Request request,
                                 const Structure& question) {
  constexpr uint32_t kMost = 1 << 20;  // far above what any driver has to say
  std::vector<std::byte> bytes(sizeof question);
  // Devices do not gain capabilities while we look: the second answer is complete.
  for (int round = 0; round < 8; ++round) {
    std::memset(bytes.data(), 0, bytes.size());
    std::memcpy(bytes.data(), &question, sizeof question);
    const auto room = static_cast<uint32_t>(bytes.size());
    std::memcpy(bytes.data(), &room, sizeof room);
    checked_ioctl(kernel, fd, request, pointer(bytes.data()));
    uint32_t wanted = 0;
    std::memcpy(&wanted, bytes.data(), sizeof wanted);
    if (wanted <= room) return bytes;
    if (wanted > kMost) throw_error("{} wants {} bytes for its reply", request.name, wanted);
    bytes.resize(wanted);
  }
  throw_error("{} never has room enough for its reply", request.name);
}

// [first, last]. All 2^64 addresses are more than a range can say: then the last page is left out.
constexpr GuestRange range_from(uint64_t first, uint64_t last) {
  const uint64_t size = last - first + 1;
  return {GuestAddress(first), size != 0 ? size : align_down(UINT64_MAX, 4 * kKiB)};
}

}  // namespace lintel::passthrough::uapi
