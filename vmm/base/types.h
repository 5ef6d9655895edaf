// SPDX-License-Identifier: Apache-2.0
// Integers with a meaning. Explicit on the way in, `.value` on the way out, so that a host address,
// a guest address and a length cannot be exchanged by accident.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

namespace lintel {

constexpr uint64_t kKiB = 1024;
constexpr uint64_t kMiB = 1024 * kKiB;
constexpr uint64_t kGiB = 1024 * kMiB;

// An address in the guest's physical memory, or a port number on a port bus.
struct GuestAddress {
  uint64_t value = 0;

  constexpr GuestAddress() = default;
  constexpr explicit GuestAddress(uint64_t address) : value(address) {}
  constexpr auto operator<=>(const GuestAddress&) const = default;
  constexpr GuestAddress operator+(uint64_t bytes) const { return GuestAddress(value + bytes); }
};

// [base, base + size). Never wraps: `last()` is what an access compares with.
struct GuestRange {
  GuestAddress base;
  uint64_t size = 0;

  constexpr auto operator<=>(const GuestRange&) const = default;
  constexpr uint64_t last() const { return base.value + (size - 1); }
  constexpr uint64_t end() const { return base.value + size; }
  constexpr bool contains(GuestAddress address) const {
    return size != 0 && address >= base && address.value - base.value < size;
  }
  // True if all `bytes` from `address` on lie inside. An empty access lies inside.
  constexpr bool contains(GuestAddress address, uint64_t bytes) const {
    return address >= base && address.value - base.value <= size &&
           bytes <= size - (address.value - base.value);
  }
  constexpr bool overlaps(const GuestRange& other) const {
    return size != 0 && other.size != 0 && base.value <= other.last() && other.base.value <= last();
  }
  // False if base + size does not fit in 64 bits, or the range is empty.
  constexpr bool valid() const { return size != 0 && base.value <= UINT64_MAX - (size - 1); }
};

// The width of one access by the guest, in bytes.
enum class AccessSize : uint8_t { k1 = 1, k2 = 2, k4 = 4, k8 = 8 };

constexpr unsigned bytes(AccessSize size) {
  return static_cast<unsigned>(size);
}
constexpr unsigned bits(AccessSize size) {
  return 8 * bytes(size);
}
// All ones in the width of the access: what a read of nothing returns.
constexpr uint64_t all_ones(AccessSize size) {
  return UINT64_MAX >> (64 - bits(size));
}

constexpr std::optional<AccessSize> access_size(uint64_t byte_count) {
  switch (byte_count) {
    case 1: return AccessSize::k1;
    case 2: return AccessSize::k2;
    case 4: return AccessSize::k4;
    case 8: return AccessSize::k8;
    default: return std::nullopt;
  }
}

// A global system interrupt: an input of the interrupt controller, as ACPI numbers them.
struct Gsi {
  uint32_t value = 0;
  constexpr Gsi() = default;
  constexpr explicit Gsi(uint32_t number) : value(number) {}
  constexpr auto operator<=>(const Gsi&) const = default;
};

// Interrupts of an Arm GIC, counted from zero as device trees count them: the shared ones, whose
// numbers are also KVM's GSIs, and those that each CPU has for itself. ACPI has the INTID instead.
struct Spi {
  uint32_t value = 0;
  constexpr Spi() = default;
  constexpr explicit Spi(uint32_t number) : value(number) {}
  constexpr auto operator<=>(const Spi&) const = default;
  constexpr uint32_t intid() const { return 32 + value; }
};
struct Ppi {
  uint32_t value = 0;
  constexpr Ppi() = default;
  constexpr explicit Ppi(uint32_t number) : value(number) {}
  constexpr auto operator<=>(const Ppi&) const = default;
  constexpr uint32_t intid() const { return 16 + value; }
};

constexpr uint64_t align_down(uint64_t value, uint64_t alignment) {
  return value & ~(alignment - 1);
}
// `alignment` is a power of two; wraps at 2^64 like the addition it is.
constexpr uint64_t align_up(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}
constexpr bool is_power_of_two(uint64_t value) {
  return value != 0 && (value & (value - 1)) == 0;
}

}  // namespace lintel
