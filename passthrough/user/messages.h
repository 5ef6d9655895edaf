// SPDX-License-Identifier: Apache-2.0
// Requests to bytes and replies from bytes. The server is not trusted: what is returned was
// checked, everything else is an Error that says what is wrong with the reply. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "passthrough/device.h"

namespace lintel::passthrough::user {

// What the server can take.
struct ServerLimits {
  size_t message_fds = 1;     // descriptors in one message, at most; 1 to 253 (SCM_MAX_FD)
  size_t transfer = 1048576;  // bytes in one REGION_READ or REGION_WRITE; at least 8
  uint32_t dma_maps = 65535;
  uint64_t page_sizes = 0x1000;            // a bit for each
  std::optional<size_t> twin_socket = {};  // which of the reply's descriptors takes its commands
};

// The payload of VERSION: what we speak, and our own limits.
std::vector<std::byte> encode_version();
// `fds`: how many descriptors came with the reply.
ServerLimits decode_version(std::span<const std::byte> reply, size_t fds);

DeviceInfo decode_device_info(std::span<const std::byte> reply);

// How large the reply about a region may be; room for a thousand mappable areas.
inline constexpr size_t kMaxRegionInfo = 16384;

struct RegionReply {
  RegionInfo info;
  uint64_t file_offset = 0;  // of the region in the descriptor that came, if it is mappable
};
RegionReply decode_region_info(std::span<const std::byte> reply, uint32_t index, size_t fds);

IrqInfo decode_irq_info(std::span<const std::byte> reply, uint32_t index);

}  // namespace lintel::passthrough::user
