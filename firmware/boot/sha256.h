// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4), for names of cached files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace lintel::boot {

using Sha256Digest = std::array<uint8_t, 32>;

Sha256Digest sha256(std::span<const std::byte> bytes);
std::string hex(const Sha256Digest& digest);

}  // namespace lintel::boot
