// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/kernel_image.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "firmware/boot/elf.h"
#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

constexpr uint64_t kPage = 4 * kKiB;
// A hole that is worth a system call of its own.
constexpr uint64_t kSmallestHole = 16 * kKiB;
constexpr size_t kExtentLimit = 1024;
constexpr size_t kRefusalLimit = 1024;
constexpr std::array<char, 8> kMagic = {'L', 'N', 'T', 'L',
                                        'K', 'R', 'N', '0' + kKernelImageVersion};

// The file: this header, then either the text of the refusal, or the extents, the relocations (by
// kind, as 32-bit offsets), and from a page boundary on the extents' bytes.
struct Header {
  std::array<char, 8> magic = kMagic;
  uint32_t checksum = 0;  // CRC-32 of the header with zero here, and the refusal or the extents
  uint32_t refusal_size = 0;
  uint64_t file_size = 0;
  uint64_t memory_size = 0;
  uint64_t entry_offset = 0;
  std::array<uint32_t, kRelocationKinds> relocation_counts{};
  uint32_t extent_count = 0;
};
static_assert(sizeof(Header) == 56);

uint32_t checksum(Header header, std::span<const std::byte> tail) {
  header.checksum = 0;
  const auto head = std::as_bytes(std::span(&header, 1));
  auto crc = crc32(0, reinterpret_cast<const Bytef*>(head.data()), static_cast<uInt>(head.size()));
  crc = crc32(crc, reinterpret_cast<const Bytef*>(tail.data()), static_cast<uInt>(tail.size()));
  return static_cast<uint32_t>(crc);
}

bool is_zero(std::span<const std::byte> bytes) {
  return bytes.front() == std::byte{0} &&
         std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

uint64_t relocations_offset(const Header& header) {
  return sizeof(Header) + header.extent_count * sizeof(KernelExtent);
}

}  // namespace

// Linux arch/x86/kernel/vmlinux.lds.S says what is linked where.
KernelImageWriter::KernelImageWriter(std::span<const std::byte> unpacked, const KernelPlace& place)
    : unpacked_(unpacked) {
  const ElfFile elf = parse_elf(SpanSource(unpacked));
  const auto segments = load_segments(elf);
  const uint64_t start = segments.front().physical_address;
  memory_size_ = segments.back().physical_address + segments.back().memory_size - start;
  if (start != place.preferred_address || memory_size_ > place.init_size) {
    throw_error(
        "The unpacked kernel has {:#x} bytes at {:#x} (p_paddr), but its header says {:#x} at "
        "{:#x} "
        "(init_size, pref_address)",
        memory_size_, start, place.init_size, place.preferred_address);
  }
  if (elf.entry < start || elf.entry - start >= memory_size_) {
    throw_error("The unpacked kernel's entry point {:#x} (e_entry) is outside of it", elf.entry);
  }
  entry_offset_ = elf.entry - start;
  relocations_ = parse_relocations(unpacked.subspan(elf.file_end), {start, memory_size_});
  for (const ElfSegment& segment : segments) {
    add_extents(segment, segment.physical_address - start);
  }
  if (extents_.size() > kExtentLimit) {
    throw_error("The unpacked kernel has {} segments (e_phnum)", segments.size());
  }
}

// Those parts of the segment that are not zero.
void KernelImageWriter::add_extents(const ElfSegment& segment, uint64_t memory_offset) {
  for (uint64_t at = 0; at < segment.file_size; at += kPage) {
    const uint64_t size = std::min(kPage, segment.file_size - at);
    if (is_zero(unpacked_.subspan(segment.offset + at, size))) continue;
    if (!extents_.empty() && extents_.back().memory_offset >= memory_offset) {
      KernelExtent& last = extents_.back();
      const uint64_t hole = memory_offset + at - (last.memory_offset + last.size);
      if (hole < kSmallestHole || extents_.size() >= kExtentLimit) {
        last.size += hole + size;
        continue;
      }
    }
    extents_.push_back({memory_offset + at, segment.offset + at, size});
  }
}

void KernelImageWriter::write(int fd) const {
  Header header;
  header.memory_size = memory_size_;
  header.entry_offset = entry_offset_;
  header.extent_count = static_cast<uint32_t>(extents_.size());
  for (size_t i = 0; i < kRelocationKinds; ++i) {
    header.relocation_counts[i] = static_cast<uint32_t>(relocations_[i].size());
  }
  uint64_t at = relocations_offset(header);
  for (const auto& offsets : relocations_) {
    const auto bytes = std::as_bytes(std::span(offsets));
    write_exactly(fd, bytes, at);
    at += bytes.size();
  }
  header.file_size = at;
  std::vector<KernelExtent> extents = extents_;
  for (KernelExtent& extent : extents) {
    at = align_up(at, kPage);
    write_exactly(fd, unpacked_.subspan(extent.file_offset, extent.size), at);
    extent.file_offset = at;
    at += extent.size;
    header.file_size = at;
  }
  const auto table = std::as_bytes(std::span(extents));
  header.checksum = checksum(header, table);
  write_exactly(fd, table, sizeof header);
  write_exactly(fd, std::as_bytes(std::span(&header, 1)), 0);
}

void write_refusal(int fd, std::string_view reason) {
  const auto text = std::as_bytes(std::span(reason.substr(0, kRefusalLimit)));
  Header header;
  header.refusal_size = static_cast<uint32_t>(text.size());
  header.file_size = sizeof header + text.size();
  header.checksum = checksum(header, text);
  write_exactly(fd, std::as_bytes(std::span(&header, 1)), 0);
  write_exactly(fd, text, sizeof header);
}

KernelImage::KernelImage(FileSource file) : file_(std::move(file)) {
  const auto header = file_.read_object<Header>(0);
  if (header.magic != kMagic || header.file_size != file_.size() ||
      header.refusal_size > kRefusalLimit || header.extent_count > kExtentLimit) {
    throw_error("{} is not a whole kernel image", file_.path());
  }
  refusal_.resize(header.refusal_size);
  extents_.resize(header.refusal_size != 0 ? 0 : header.extent_count);
  const auto tail = refusal_.empty() ? std::as_writable_bytes(std::span(extents_))
                                     : std::as_writable_bytes(std::span(refusal_));
  file_.read(sizeof(Header), tail);
  if (header.checksum != checksum(header, tail)) {
    throw_error("{} is damaged: its checksum is wrong", file_.path());
  }
  memory_size_ = header.memory_size;
  entry_offset_ = header.entry_offset;
  relocation_counts_ = header.relocation_counts;
  relocations_offset_ = relocations_offset(header);
}

void KernelImage::load(const GuestMemory& memory, GuestAddress address, uint64_t virtual_offset,
                       RamState ram) const {
  const auto kernel = memory.slice(address, memory_size_);
  if (kernel.empty()) {
    throw_error("Guest memory [{:#x}, +{:#x}) is not all RAM", address.value, memory_size_);
  }
  load_extents(memory, address, ram);
  if (virtual_offset != 0) relocate(kernel, virtual_offset);
}

void KernelImage::load_extents(const GuestMemory& memory, GuestAddress address,
                               RamState ram) const {
  uint64_t at = 0;
  for (const KernelExtent& extent : extents_) {
    if (extent.memory_offset < at || extent.memory_offset > memory_size_ ||
        extent.size > memory_size_ - extent.memory_offset) {
      throw_error("{} is damaged: an extent is outside the kernel", file_.path());
    }
    clear(memory, {address + at, extent.memory_offset - at}, ram);
    file_.read_into(memory, address + extent.memory_offset, extent.file_offset, extent.size);
    at = extent.memory_offset + extent.size;
  }
  clear(memory, {address + at, memory_size_ - at}, ram);
}

void KernelImage::relocate(std::span<std::byte> kernel, uint64_t delta) const {
  constexpr size_t kChunk = 4096;
  std::array<uint32_t, kChunk> offsets;
  uint64_t at = relocations_offset_;
  for (size_t kind = 0; kind < kRelocationKinds; ++kind) {
    for (size_t left = relocation_counts_[kind]; left != 0;) {
      const auto chunk = std::span(offsets).first(std::min(left, kChunk));
      file_.read(at, std::as_writable_bytes(chunk));
      apply_relocations(kernel, chunk, static_cast<RelocationKind>(kind), delta);
      at += chunk.size_bytes();
      left -= chunk.size();
    }
  }
}

}  // namespace lintel::boot
