// SPDX-License-Identifier: Apache-2.0
// The configuration space of one function: bytes, which of their bits the guest may write, and
// which it clears by writing ones (PCI Local Bus 3.0, 6.1; PCI Express Base 5.0, 7.5).
//
// The bytes live in a page that the guest may read without an exit (see config_pages.h), so at any
// time they are what a read returns, and they change one aligned dword at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vmm/base/types.h"

namespace lintel::pci {

inline constexpr size_t kConfigSize = 4096;
// What PCI had of it before PCI Express.
inline constexpr uint16_t kStandardConfigSize = 256;
using ConfigStorage = std::span<std::byte, kConfigSize>;

// Threads: `define*` and `add_*` while no vCPU runs, for functions are made then, also those that
// are plugged into a machine that runs; the others from any thread. Offsets and sizes are the
// caller's to keep inside one dword (see `cut_at_dwords`).
class ConfigSpace {
 public:
  // Clears the storage, which must be dword-aligned and outlive this object.
  explicit ConfigSpace(ConfigStorage storage);

  // The value after reset, and the bits of it that the guest may write or clear by writing ones.
  // `size` is 1, 2 or 4, naturally aligned.
  struct Register {
    uint16_t offset;
    uint8_t size;
    uint32_t value = 0;
    uint32_t writable = 0;
    uint32_t clear_by_one = 0;
  };
  void define(const Register& reg);
  void define8(uint16_t offset, uint32_t value, uint32_t writable = 0) {
    define({offset, 1, value, writable});
  }
  void define16(uint16_t offset, uint32_t value, uint32_t writable = 0) {
    define({offset, 2, value, writable});
  }
  void define32(uint16_t offset, uint32_t value, uint32_t writable = 0) {
    define({offset, 4, value, writable});
  }

  // The bits of `mask` are constant from now on, whatever the registers there were defined as.
  void fix(uint16_t offset, unsigned size, uint32_t mask, uint32_t value);

  // Links a capability of `size` bytes, ID and next pointer included, behind the last one and
  // returns its offset. Throws Error if the space is full.
  uint8_t add_capability(uint8_t id, uint8_t size);
  // As above at a given free place.
  void add_capability_at(uint8_t id, uint8_t offset, uint8_t size);

  uint32_t read(uint16_t offset, unsigned size) const;
  uint8_t read8(uint16_t offset) const { return static_cast<uint8_t>(read(offset, 1)); }
  uint16_t read16(uint16_t offset) const { return static_cast<uint16_t>(read(offset, 2)); }
  uint32_t read32(uint16_t offset) const { return read(offset, 4); }

  // A guest's write: masks applied.
  void write(uint16_t offset, unsigned size, uint32_t value);
  // The device's own change: the bits of `mask` become those of `value`, whatever the guest may do.
  void update(uint16_t offset, unsigned size, uint32_t mask, uint32_t value);

  // The values that were defined.
  void reset();

 private:
  struct Masks {  // of one dword
    uint32_t initial = 0;
    uint32_t writable = 0;
    uint32_t clear_by_one = 0;
  };
  uint32_t load(size_t dword) const;
  template <typename Change>
  void modify(size_t dword, Change change);
  // Beyond the vector's end nothing is writable and all is zero: most functions use few dwords.
  Masks masks_at(size_t dword) const { return dword < masks_.size() ? masks_[dword] : Masks{}; }
  void link_capability(uint8_t offset);

  uint32_t* const words_;
  std::vector<Masks> masks_;
  uint8_t last_capability_ = 0;
  uint16_t next_free_ = 0x40;
};

// The part of an access that lies in one dword; `shift` is its place, in bits, in the value of the
// whole access.
struct DwordPiece {
  uint64_t offset = 0;
  unsigned size = 0;  // 1 to 4
  unsigned shift = 0;

  constexpr uint32_t mask() const { return UINT32_MAX >> (32 - 8 * size); }
};

class DwordPieces {
 public:
  constexpr void push_back(const DwordPiece& piece) { pieces_[count_++] = piece; }
  constexpr const DwordPiece* begin() const { return pieces_.data(); }
  constexpr const DwordPiece* end() const { return pieces_.data() + count_; }

 private:
  std::array<DwordPiece, 3> pieces_{};  // 8 bytes that are not aligned touch three dwords
  size_t count_ = 0;
};

// `size` is at most 8.
constexpr DwordPieces cut_at_dwords(uint64_t offset, unsigned size) {
  DwordPieces pieces;
  for (unsigned done = 0; done < size;) {
    const uint64_t at = offset + done;
    const unsigned room = 4 - static_cast<unsigned>(at & 3);
    const unsigned length = size - done < room ? size - done : room;
    pieces.push_back({at, length, 8 * done});
    done += length;
  }
  return pieces;
}

}  // namespace lintel::pci
