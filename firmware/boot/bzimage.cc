// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/bzimage.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

constexpr uint64_t kSector = 512;
constexpr uint64_t kParagraph = 16;
// The protocol with xloadflags, without which there is no 64-bit entry point.
constexpr uint16_t kOldestVersion = 0x20c;
// The field is older than four sectors were enough: "If this value is 0, the real value is 4".
constexpr uint64_t kDefaultSetupSectors = 4;
constexpr size_t kReleaseLimit = 256;

template <typename T>
T field(const BzImage& image, size_t offset) {
  return load_le<T>(image.header.data() + offset);
}

// The header's length is the displacement of the short jump at its start ("Details of Header
// Fields", `jump`).
void read_header(const ByteSource& file, BzImage& image) {
  constexpr size_t kSmallest = setup_header::kInitSize + sizeof(uint32_t);
  const auto displacement = file.read_object<uint8_t>(setup_header::kJump + 1);
  const size_t end = std::min<size_t>(setup_header::kMagic + displacement, setup_header::kEnd);
  if (end < kSmallest) {
    throw_error("The setup header ends at {:#x} (jump), before init_size at {:#x}", end,
                setup_header::kInitSize);
  }
  file.read(setup_header::kSetupSectors,
            std::span(image.header).first(end).subspan(setup_header::kSetupSectors));
}

std::string read_release(const ByteSource& file, const BzImage& image) {
  const auto pointer = field<uint16_t>(image, setup_header::kKernelVersion);
  if (pointer == 0) return {};
  const uint64_t offset = kSector + pointer;
  if (offset >= image.kernel_offset || offset >= file.size()) return {};
  std::string text(std::min({kReleaseLimit, static_cast<size_t>(image.kernel_offset - offset),
                             static_cast<size_t>(file.size() - offset)}),
                   '\0');
  file.read(offset, std::as_writable_bytes(std::span(text)));
  text.resize(std::min(text.find('\0'), text.size()));
  // The text is shown to people: a file is not trusted to speak to their terminal.
  std::replace_if(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

void locate_kernel(const ByteSource& file, BzImage& image) {
  const auto sectors = field<uint8_t>(image, setup_header::kSetupSectors);
  image.kernel_offset = ((sectors == 0 ? kDefaultSetupSectors : sectors) + 1) * kSector;
  image.kernel_size = uint64_t{field<uint32_t>(image, setup_header::kSysSize)} * kParagraph;
  if (image.kernel_size == 0 || image.kernel_offset + image.kernel_size > file.size()) {
    throw_error(
        "The kernel is cut off: its setup header says {:#x} bytes at offset {:#x} (syssize, "
        "setup_sects), but the file has {:#x} bytes",
        image.kernel_size, image.kernel_offset, file.size());
  }
  const auto offset = field<uint32_t>(image, setup_header::kPayloadOffset);
  const auto length = field<uint32_t>(image, setup_header::kPayloadLength);
  if (length == 0) return;
  if (offset > image.kernel_size || length > image.kernel_size - offset) {
    throw_error(
        "The setup header's payload [{:#x}, +{:#x}) (payload_offset, payload_length) is not inside "
        "the kernel of {:#x} bytes",
        offset, length, image.kernel_size);
  }
  image.payload_offset = image.kernel_offset + offset;
  image.payload_size = length;
}

void check_memory_fields(const BzImage& image) {
  if (!is_power_of_two(image.alignment) || image.alignment < 4 * kKiB || image.alignment > kGiB) {
    throw_error(
        "The setup header's kernel_alignment {:#x} is not a power of two from 4 KiB to 1 GiB",
        image.alignment);
  }
  // The identity map of the entry state ends at 4 GiB.
  if (image.init_size == 0 || image.preferred_address % (4 * kKiB) != 0 ||
      !GuestRange{GuestAddress(0), 4 * kGiB}.contains(GuestAddress(image.preferred_address),
                                                      image.init_size)) {
    throw_error(
        "The setup header wants {:#x} bytes at {:#x} (init_size, pref_address), which is not a "
        "range of whole pages below 4 GiB",
        image.init_size, image.preferred_address);
  }
}

}  // namespace

bool is_bzimage(const ByteSource& file) {
  return file.size() >= setup_header::kMagic + sizeof(uint32_t) &&
         file.read_object<uint32_t>(setup_header::kMagic) == setup_header::kMagicValue;
}

BzImage parse_bzimage(const ByteSource& file) {
  BzImage image;
  read_header(file, image);
  const auto version = field<uint16_t>(image, setup_header::kVersion);
  const auto flags = field<uint16_t>(image, setup_header::kXLoadFlags);
  if (version < kOldestVersion || (flags & setup_header::kXLoadFlagKernel64) == 0) {
    Error error(fmt::format(
        "The kernel has no 64-bit entry point: boot protocol {}.{:02} (version), xloadflags {:#x}",
        version >> 8, version & 0xff, flags));
    throw std::move(error).with_help("use an x86-64 kernel, Linux 3.8 or later");
  }
  image.preferred_address = field<uint64_t>(image, setup_header::kPreferredAddress);
  image.init_size = field<uint32_t>(image, setup_header::kInitSize);
  image.alignment = field<uint32_t>(image, setup_header::kKernelAlignment);
  image.code32_start = field<uint32_t>(image, setup_header::kCode32Start);
  image.command_line_size = field<uint32_t>(image, setup_header::kCommandLineSize);
  image.initrd_address_max = field<uint32_t>(image, setup_header::kInitrdAddressMax);
  image.relocatable = field<uint8_t>(image, setup_header::kRelocatable) != 0;
  image.loadable_above_4g = (flags & setup_header::kXLoadFlagAbove4G) != 0;
  check_memory_fields(image);
  locate_kernel(file, image);
  image.release = read_release(file, image);
  return image;
}

}  // namespace lintel::boot
