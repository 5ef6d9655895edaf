// SPDX-License-Identifier: Apache-2.0
// Growing byte strings; every number in ACPI is little-endian (ACPI 6.4, 5.2).
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "vmm/base/endian.h"

namespace lintel::acpi {

using Bytes = std::vector<std::byte>;

template <std::unsigned_integral T>
void append(Bytes& to, T value) {
  to.resize(to.size() + sizeof value);
  store_le(to.data() + to.size() - sizeof value, value);
}

inline void append(Bytes& to, std::span<const std::byte> from) {
  to.insert(to.end(), from.begin(), from.end());
}

inline void append(Bytes& to, std::string_view text) {
  append(to, std::as_bytes(std::span(text)));
}

}  // namespace lintel::acpi
