// SPDX-License-Identifier: Apache-2.0
// One system description table, and the image that a set of them makes in memory.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "firmware/acpi/bytes.h"
#include "vmm/base/types.h"

namespace lintel::acpi {

inline constexpr std::string_view kOemId = "LINTEL";         // six characters
inline constexpr std::string_view kOemTableId = "LINTELPC";  // eight characters

// A generic address structure (ACPI 6.4, 5.2.3.2): a port, or a register in memory.
enum class AccessWidth : uint8_t { kByte = 1, kWord = 2, kDword = 3 };
struct PortRegister {
  uint64_t port;
  uint8_t bits;
  AccessWidth access;
};
Bytes generic_address(const PortRegister& reg);
struct MemoryRegister {
  GuestAddress address;
  uint8_t bits;
  AccessWidth access;
};
Bytes generic_address(const MemoryRegister& reg);

// A table that begins with the common header (5.2.6). Length and checksum are not its business:
// both depend on where the table goes.
class Table {
 public:
  static constexpr size_t kHeaderSize = 36;
  static constexpr size_t kLengthOffset = 4;
  static constexpr size_t kChecksumOffset = 9;

  // `signature` has four characters. The table starts with `size` bytes, zero behind the header.
  Table(std::string_view signature, uint8_t revision, size_t size = kHeaderSize);

  template <std::unsigned_integral T>
  void add(T value) {
    append(bytes_, value);
  }
  void add(std::span<const std::byte> content) { append(bytes_, content); }

  // Overwrites what the constructor left zero; the caller guarantees that it lies inside.
  template <std::unsigned_integral T>
  void put(size_t offset, T value) {
    store_le(bytes_.data() + offset, value);
  }
  void put(size_t offset, std::span<const std::byte> content);

  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

// A little-endian address at `offset` that names the byte at `target`, both relative to the image.
struct PointerField {
  uint32_t offset;
  uint8_t size;  // in bytes
  uint32_t target;
};

// The byte at `offset` makes the sum of `length` bytes from `start` on zero. In this order: a later
// range may include an earlier checksum.
struct ChecksumField {
  uint32_t offset;
  uint32_t start;
  uint32_t length;
};

// Tables one behind the other. Pointers and checksums are kept as facts until `finish`, because a
// firmware that places the tables itself has to redo them.
class TableImage {
 public:
  // These return the offset of what they appended. `alignment` is a power of two.
  uint32_t place(const Table& table);
  uint32_t place(std::span<const std::byte> content, uint64_t alignment);

  void link(const PointerField& pointer) { pointers_.push_back(pointer); }
  void seal(const ChecksumField& checksum) { checksums_.push_back(checksum); }

  size_t size() const { return bytes_.size(); }
  const std::vector<PointerField>& pointers() const { return pointers_; }
  const std::vector<ChecksumField>& checksums() const { return checksums_; }

  // The image as it has to be at `base`. Throws Error if a pointer's target does not fit in it.
  Bytes finish(GuestAddress base) const;

 private:
  Bytes bytes_;
  std::vector<PointerField> pointers_;
  std::vector<ChecksumField> checksums_;
};

// What makes the bytes' sum zero modulo 256, if the checksum's own byte is zero now.
uint8_t checksum(std::span<const std::byte> content);

}  // namespace lintel::acpi
