// SPDX-License-Identifier: Apache-2.0
// Unaligned little- and big-endian loads and stores on bytes.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace lintel {

static_assert(std::endian::native == std::endian::little, "both supported hosts are");

// The caller guarantees sizeof(T) bytes at `from`.
template <std::integral T>
T load_le(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <std::integral T>
void store_le(void* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

template <std::unsigned_integral T>
constexpr T byte_swap(T value) {
  T result = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    result = static_cast<T>((result << 8) | ((value >> (8 * i)) & 0xff));
  }
  return result;
}

template <std::unsigned_integral T>
T load_be(const void* from) {
  return byte_swap(load_le<T>(from));
}

template <std::unsigned_integral T>
void store_be(void* to, T value) {
  store_le(to, byte_swap(value));
}

// Value from / to `count` (at most 8) little-endian bytes.
inline uint64_t load_le_bytes(const void* from, size_t count) {
  uint64_t value = 0;
  std::memcpy(&value, from, count);
  return value;
}

inline void store_le_bytes(void* to, uint64_t value, size_t count) {
  std::memcpy(to, &value, count);
}

}  // namespace lintel
