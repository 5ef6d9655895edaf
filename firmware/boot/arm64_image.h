// SPDX-License-Identifier: Apache-2.0
// The arm64 Linux kernel file: an Image (Linux Documentation/arch/arm64/booting.rst, "Call the
// kernel image"), plain, packed by gzip, or in an EFI zboot container (Linux
// drivers/firmware/efi/libstub/zboot-header.S).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "firmware/boot/byte_source.h"
#include "firmware/boot/decompress.h"
#include "vmm/base/mmap_region.h"

namespace lintel::boot {

namespace arm64_header {
inline constexpr size_t kTextOffset = 8;
inline constexpr size_t kImageSize = 16;
inline constexpr size_t kFlags = 24;
inline constexpr size_t kMagic = 56;
inline constexpr size_t kSize = 64;

inline constexpr uint32_t kMagicValue = 0x644d5241;  // "ARM\x64"
inline constexpr uint64_t kBigEndian = 1 << 0;
inline constexpr uint64_t kAnywhere = 1 << 3;
}  // namespace arm64_header

namespace zboot_header {
inline constexpr size_t kMagic = 4;
inline constexpr size_t kPayloadOffset = 8;
inline constexpr size_t kPayloadSize = 12;
inline constexpr size_t kCompression = 24;
inline constexpr size_t kCompressionSize = 32;
inline constexpr size_t kSize = 64;

inline constexpr uint32_t kMagicValue = 0x676d697a;  // "zimg"
}  // namespace zboot_header

struct Arm64Image {
  uint64_t text_offset = 0;  // from a 2 MiB boundary to the image's first byte
  // The memory that the kernel needs from its first byte on; at least the file's size.
  uint64_t memory_size = 0;
  bool anywhere = false;  // or as low in RAM as possible, because what is below it is lost
};

// Throws Error if the bytes are not a little-endian 64-bit Image or the header contradicts itself.
Arm64Image parse_arm64_image(const ByteSource& unpacked);

enum class Arm64Container : uint8_t { kNone, kGzip, kZboot };

struct Arm64Kernel {
  Arm64Container container = Arm64Container::kNone;
  // The packed Image in the file, with the size that it unpacks to in its last four bytes.
  uint64_t payload_offset = 0;
  uint64_t payload_size = 0;
  Compression compression = Compression::kGzip;
};

// By the first bytes. Throws Error for what is no arm64 kernel, saying what it is instead.
Arm64Kernel parse_arm64_kernel(const ByteSource& file);

// The Image. Throws Error if there is no container or the payload is damaged.
MmapRegion unpack_arm64_kernel(const ByteSource& file, const Arm64Kernel& kernel);

}  // namespace lintel::boot
