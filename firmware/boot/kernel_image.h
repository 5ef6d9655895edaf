// SPDX-License-Identifier: Apache-2.0
// An unpacked kernel in the form in which it goes into guest memory: what of it is not zero, at
// page-aligned places of a file, and the words to change when it moves.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/boot/boot_memory.h"
#include "firmware/boot/byte_source.h"
#include "firmware/boot/elf.h"
#include "firmware/boot/relocations.h"
#include "vmm/memory/guest_memory.h"

namespace lintel::boot {

// Part of the name of a cached image: other versions are not ours to read.
inline constexpr int kKernelImageVersion = 1;

// What the kernel's header says about its place.
struct KernelPlace {
  uint64_t preferred_address = 0;  // where it is linked to run
  uint64_t init_size = 0;
};

// Bytes of the kernel that are not all zero.
struct KernelExtent {
  uint64_t memory_offset = 0;  // from the kernel's first byte
  uint64_t file_offset = 0;
  uint64_t size = 0;
};

class KernelImageWriter {
 public:
  // `unpacked` is the kernel's ELF file and behind it its relocation table; it must outlive the
  // writer. Throws Error if the layout is not the known one.
  KernelImageWriter(std::span<const std::byte> unpacked, const KernelPlace& place);

  // To an empty file. Throws Error if it cannot be written.
  void write(int fd) const;

 private:
  void add_extents(const ElfSegment& segment, uint64_t memory_offset);

  std::span<const std::byte> unpacked_;
  Relocations relocations_;
  uint64_t memory_size_ = 0;
  uint64_t entry_offset_ = 0;
  std::vector<KernelExtent> extents_;  // file_offset: in the ELF file
};

// Writes an image that only says why there is none, so that the work is not done again.
void write_refusal(int fd, std::string_view reason);

class KernelImage {
 public:
  // Checks the header. Throws Error if the file is not a whole image.
  explicit KernelImage(FileSource file);

  // Why this kernel cannot be entered directly; empty if it can.
  const std::string& refusal() const { return refusal_; }
  uint64_t memory_size() const { return memory_size_; }
  // Of the 64-bit entry point, from the kernel's first byte.
  uint64_t entry_offset() const { return entry_offset_; }
  const FileSource& file() const { return file_; }

  // Puts the kernel to `address`, to run `virtual_offset` above where it is linked. Throws Error if
  // the place is not RAM, the file cannot be read, or a relocation is damaged.
  void load(const GuestMemory& memory, GuestAddress address, uint64_t virtual_offset,
            RamState ram) const;

 private:
  void load_extents(const GuestMemory& memory, GuestAddress address, RamState ram) const;
  void relocate(std::span<std::byte> kernel, uint64_t delta) const;

  FileSource file_;
  std::string refusal_;
  uint64_t memory_size_ = 0;
  uint64_t entry_offset_ = 0;
  uint64_t relocations_offset_ = 0;
  std::array<uint32_t, kRelocationKinds> relocation_counts_{};
  std::vector<KernelExtent> extents_;  // sorted, disjoint
};

}  // namespace lintel::boot
