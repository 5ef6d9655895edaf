// SPDX-License-Identifier: Apache-2.0
// The x86 Linux kernel file (Linux Documentation/arch/x86/boot.rst: "the Linux/x86 Boot Protocol").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "firmware/boot/byte_source.h"
#include "vmm/base/types.h"

namespace lintel::boot {

// Offsets in the file and in struct boot_params alike ("The Real-Mode Kernel Header").
namespace setup_header {
inline constexpr size_t kSetupSectors = 0x1f1;  // where the header begins
inline constexpr size_t kSysSize = 0x1f4;
inline constexpr size_t kVideoMode = 0x1fa;
inline constexpr size_t kJump = 0x200;
inline constexpr size_t kMagic = 0x202;
inline constexpr size_t kVersion = 0x206;
inline constexpr size_t kKernelVersion = 0x20e;
inline constexpr size_t kTypeOfLoader = 0x210;
inline constexpr size_t kLoadFlags = 0x211;
inline constexpr size_t kCode32Start = 0x214;
inline constexpr size_t kRamdiskImage = 0x218;
inline constexpr size_t kRamdiskSize = 0x21c;
inline constexpr size_t kCommandLinePointer = 0x228;
inline constexpr size_t kInitrdAddressMax = 0x22c;
inline constexpr size_t kKernelAlignment = 0x230;
inline constexpr size_t kRelocatable = 0x234;
inline constexpr size_t kXLoadFlags = 0x236;
inline constexpr size_t kCommandLineSize = 0x238;
inline constexpr size_t kPayloadOffset = 0x248;
inline constexpr size_t kPayloadLength = 0x24c;
inline constexpr size_t kSetupData = 0x250;
inline constexpr size_t kPreferredAddress = 0x258;
inline constexpr size_t kInitSize = 0x260;
inline constexpr size_t kEnd = 0x290;  // what struct boot_params has room for

inline constexpr uint32_t kMagicValue = 0x53726448;  // "HdrS"
inline constexpr uint8_t kUndefinedLoader = 0xff;
inline constexpr uint8_t kLoadFlagKaslr = 1 << 1;
inline constexpr uint16_t kXLoadFlagKernel64 = 1 << 0;
inline constexpr uint16_t kXLoadFlagAbove4G = 1 << 1;
}  // namespace setup_header

struct BzImage {
  // Bytes 0 to kEnd of the file, zeros behind the header's own end.
  std::array<std::byte, setup_header::kEnd> header{};
  std::string release;  // "6.1.0-18-amd64 (...) #1 SMP ...", or empty

  uint64_t kernel_offset = 0;  // of the protected-mode kernel, in the file
  uint64_t kernel_size = 0;
  uint64_t payload_offset = 0;  // of the compressed kernel proper, in the file
  uint64_t payload_size = 0;    // zero if the file does not say

  uint64_t preferred_address = 0;
  uint64_t init_size = 0;  // the memory that the kernel needs from the preferred address on
  uint64_t alignment = 0;
  uint32_t code32_start = 0;
  uint32_t command_line_size = 0;  // without the terminating zero
  uint32_t initrd_address_max = 0;
  bool relocatable = false;
  bool loadable_above_4g = false;
};

// By the magic alone.
bool is_bzimage(const ByteSource& file);

// Throws Error that names the field if the kernel has no 64-bit entry point or the header
// contradicts itself or the file.
BzImage parse_bzimage(const ByteSource& file);

}  // namespace lintel::boot
