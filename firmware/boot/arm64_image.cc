// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/arm64_image.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

constexpr uint64_t kTwoMiB = 2 * kMiB;
constexpr uint64_t kMemoryLimit = kGiB;
// What an Image whose header has no size (before Linux 3.17) is linked for.
constexpr uint64_t kOldTextOffset = 0x80000;
// Such a kernel does not say how much it needs behind its last byte.
constexpr uint64_t kOldExtraMemory = 16 * kMiB;
// The unpacked size behind a zboot payload; gzip's own last bytes say it.
constexpr uint64_t kSizeField = 4;

constexpr uint16_t kDosMagic = 0x5a4d;  // "MZ"
constexpr std::string_view kHelp =
    "give the kernel as a distribution installs it in /boot (vmlinuz-VERSION)";

struct OtherFormat {
  size_t offset;
  std::string_view magic;
  std::string_view what;
  std::string_view help;
};

constexpr std::array kOtherFormats = {
    OtherFormat{0x24, "\x18\x28\x6f\x01", "a kernel for 32-bit Arm (zImage)",
                "give a 64-bit kernel: 32-bit ones are not supported"},
    OtherFormat{0x202, "HdrS", "a kernel for x86 (bzImage)", kHelp},
    OtherFormat{0,
                "\x7f"
                "ELF",
                "an ELF file", "give the kernel's Image (arch/arm64/boot/Image), not its vmlinux"},
    OtherFormat{0, "\x27\x05\x19\x56", "an image for U-Boot (uImage)", kHelp},
    OtherFormat{0, "MZ", "an EFI application and no kernel that can be entered without firmware",
                "boot it with firmware, or give the kernel that it was made from"},
};

std::string read_text(const ByteSource& file, size_t offset, size_t size) {
  std::string text(size, '\0');
  if (offset > file.size() || size > file.size() - offset) return {};
  file.read(offset, std::as_writable_bytes(std::span(text)));
  return text;
}

template <typename T>
std::optional<T> peek(const ByteSource& file, size_t offset) {
  if (file.size() < sizeof(T) || offset > file.size() - sizeof(T)) return std::nullopt;
  return file.read_object<T>(offset);
}

[[noreturn]] void refuse(const ByteSource& file) {
  for (const OtherFormat& other : kOtherFormats) {
    if (read_text(file, other.offset, other.magic.size()) == other.magic) {
      throw Error(fmt::format("The file is {}", other.what)).with_help(std::string(other.help));
    }
  }
  std::array<uint8_t, 4> magic{};
  if (file.size() >= magic.size()) magic = file.read_object<std::array<uint8_t, 4>>(0);
  throw Error(
      fmt::format("The file is not an arm64 kernel: it begins with {:02x}", fmt::join(magic, " ")))
      .with_help(std::string(kHelp));
}

Arm64Kernel parse_zboot(const ByteSource& file) {
  std::array<std::byte, zboot_header::kSize> header;
  file.read(0, header);
  Arm64Kernel kernel{.container = Arm64Container::kZboot};
  kernel.payload_offset = load_le<uint32_t>(&header[zboot_header::kPayloadOffset]);
  kernel.payload_size = load_le<uint32_t>(&header[zboot_header::kPayloadSize]);
  if (kernel.payload_offset > file.size() ||
      kernel.payload_size > file.size() - kernel.payload_offset) {
    throw_error("The zboot payload, {:#x} bytes at {:#x}, is not all in the file's {:#x} bytes",
                kernel.payload_size, kernel.payload_offset, file.size());
  }
  std::array<std::byte, 8> magic{};
  const auto first = std::span(magic).first(std::min<uint64_t>(8, kernel.payload_size));
  file.read(kernel.payload_offset, first);
  const auto compression = detect_compression(first);
  if (!compression) {
    std::string name(reinterpret_cast<const char*>(&header[zboot_header::kCompression]),
                     zboot_header::kCompressionSize);
    name.resize(std::min(name.find('\0'), name.size()));
    throw_error("The zboot payload is packed by '{}', which is not known",
                name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos
                    ? name
                    : "?");
  }
  kernel.compression = *compression;
  if (kernel.compression != Compression::kGzip) {
    if (file.size() - kernel.payload_offset - kernel.payload_size < kSizeField) {
      throw_error("The zboot payload has no unpacked size behind it");
    }
    kernel.payload_size += kSizeField;
  }
  return kernel;
}

}  // namespace

Arm64Image parse_arm64_image(const ByteSource& unpacked) {
  if (peek<uint32_t>(unpacked, arm64_header::kMagic) != arm64_header::kMagicValue) {
    refuse(unpacked);
  }
  std::array<std::byte, arm64_header::kSize> header;
  unpacked.read(0, header);
  const auto flags = load_le<uint64_t>(&header[arm64_header::kFlags]);
  if ((flags & arm64_header::kBigEndian) != 0) {
    throw Error("The kernel is big-endian (flags, bit 0)")
        .with_help("give a kernel without CONFIG_CPU_BIG_ENDIAN");
  }
  Arm64Image image{.text_offset = load_le<uint64_t>(&header[arm64_header::kTextOffset]),
                   .memory_size = load_le<uint64_t>(&header[arm64_header::kImageSize]),
                   .anywhere = (flags & arm64_header::kAnywhere) != 0};
  if (image.memory_size == 0) {
    image.text_offset = kOldTextOffset;
    image.memory_size = unpacked.size() + kOldExtraMemory;
  }
  if (image.text_offset >= kTwoMiB || image.text_offset % (4 * kKiB) != 0) {
    throw_error("The kernel's text_offset {:#x} is not a page below 2 MiB", image.text_offset);
  }
  if (image.memory_size < unpacked.size() || image.memory_size > kMemoryLimit) {
    throw_error("The kernel's image_size {:#x} is less than the image's {:#x} bytes, or too large",
                image.memory_size, unpacked.size());
  }
  return image;
}

Arm64Kernel parse_arm64_kernel(const ByteSource& file) {
  if (peek<uint32_t>(file, arm64_header::kMagic) == arm64_header::kMagicValue) return {};
  if (peek<uint16_t>(file, 0) == kDosMagic && file.size() >= zboot_header::kSize &&
      peek<uint32_t>(file, zboot_header::kMagic) == zboot_header::kMagicValue) {
    return parse_zboot(file);
  }
  std::array<std::byte, 2> magic{};
  if (file.size() >= magic.size()) file.read(0, magic);
  if (detect_compression(magic) == Compression::kGzip) {
    return {.container = Arm64Container::kGzip,
            .payload_offset = 0,
            .payload_size = file.size(),
            .compression = Compression::kGzip};
  }
  refuse(file);
}

MmapRegion unpack_arm64_kernel(const ByteSource& file, const Arm64Kernel& kernel) {
  if (kernel.container == Arm64Container::kNone) throw_error("The kernel is not packed");
  if (kernel.payload_size == 0 || kernel.payload_size > kMemoryLimit) {
    throw_error("The packed kernel has {:#x} bytes", kernel.payload_size);
  }
  const MmapRegion packed = MmapRegion::anonymous(kernel.payload_size, 4 * kKiB);
  file.read(kernel.payload_offset, packed.bytes());
  return decompress(packed.bytes(), kernel.compression);
}

}  // namespace lintel::boot
