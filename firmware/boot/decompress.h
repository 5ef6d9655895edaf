// SPDX-License-Identifier: Apache-2.0
// The compressed payload of a bzImage (Linux scripts/Makefile.lib has the commands that make it).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "vmm/base/mmap_region.h"

namespace lintel::boot {

enum class Compression : uint8_t { kGzip, kBzip2, kLzma, kXz, kLz4, kZstd };

std::string_view name(Compression compression);

// By the first bytes; empty for what we cannot unpack.
std::optional<Compression> detect_compression(std::span<const std::byte> payload);

// Unpacks to exactly as many bytes as the payload's last four say. Throws Error if it has another
// size, more than 1 GiB, or is damaged.
MmapRegion decompress(std::span<const std::byte> payload, Compression compression);

}  // namespace lintel::boot
