// SPDX-License-Identifier: Apache-2.0
#include "passthrough/capability_chain.h"

#include <cstring>

#include "vmm/base/error.h"

namespace lintel::passthrough {
namespace {

// Kernels before 6.5 put capabilities of 12 bytes in a row, so 8 would be too strict.
constexpr uint32_t kAlignment = 4;

}  // namespace

std::vector<Capability> capability_chain(std::span<const std::byte> info, size_t fixed,
                                         uint32_t first) {
  std::vector<Capability> chain;
  // No more headers fit than this, so a longer chain visits one twice.
  const size_t most = info.size() / sizeof(CapabilityHeader);
  for (uint32_t at = first; at != 0;) {
    if (at % kAlignment != 0) throw_error("A capability at the odd offset {:#x}", at);
    if (at < fixed || at > info.size() || info.size() - at < sizeof(CapabilityHeader)) {
      throw_error("A capability at {:#x}, outside [{:#x}, {:#x})", at, fixed, info.size());
    }
    if (chain.size() == most) throw_error("The capabilities' chain loops at {:#x}", at);
    CapabilityHeader header;
    std::memcpy(&header, info.data() + at, sizeof header);
    chain.push_back({header.id, header.version, info.subspan(at + sizeof header)});
    at = header.next;
  }
  return chain;
}

}  // namespace lintel::passthrough
