// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/zero_page.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

using Page = std::array<std::byte, 4 * kKiB>;

// zero-page.rst
constexpr size_t kAcpiRsdpAddress = 0x070;
constexpr size_t kExtRamdiskImage = 0x0c0;
constexpr size_t kExtRamdiskSize = 0x0c4;
constexpr size_t kExtCommandLinePointer = 0x0c8;
constexpr size_t kE820Entries = 0x1e8;
constexpr size_t kE820Table = 0x2d0;
constexpr size_t kE820EntrySize = 20;
constexpr size_t kE820Limit = 128;

constexpr uint16_t kVideoModeNormal = 0xffff;

// boot.rst, setup_data: next, type, length, then the data.
constexpr uint32_t kSetupRngSeed = 9;
constexpr size_t kSetupDataHeader = 16;

void store_e820(Page& page, std::span<const MemoryMapEntry> map) {
  if (map.size() > kE820Limit) {
    throw_error("The memory map has {} entries; the boot protocol has room for {}", map.size(),
                kE820Limit);
  }
  store_le<uint8_t>(&page[kE820Entries], static_cast<uint8_t>(map.size()));
  size_t at = kE820Table;
  for (const MemoryMapEntry& entry : map) {
    store_le<uint64_t>(&page[at], entry.range.base.value);
    store_le<uint64_t>(&page[at + 8], entry.range.size);
    store_le<uint32_t>(&page[at + 16], static_cast<uint32_t>(entry.type));
    at += kE820EntrySize;
  }
}

void store_address(Page& page, size_t low, size_t high, uint64_t value) {
  store_le<uint32_t>(&page[low], static_cast<uint32_t>(value));
  store_le<uint32_t>(&page[high], static_cast<uint32_t>(value >> 32));
}

// Behind the command line. Returns its address, or zero if there is no seed or no room: the kernel
// boots without one, it only waits longer for entropy.
uint64_t write_seed(const GuestMemory& memory, GuestRange place, size_t command_line_size,
                    std::span<const std::byte> seed) {
  if (seed.empty()) return 0;
  const uint64_t offset = align_up(command_line_size + 1, 8);
  const GuestAddress at = place.base + offset;
  if (!place.contains(at, kSetupDataHeader + seed.size())) return 0;
  std::array<std::byte, kSetupDataHeader> header{};
  store_le<uint32_t>(&header[8], kSetupRngSeed);
  store_le<uint32_t>(&header[12], static_cast<uint32_t>(seed.size()));
  if (!memory.write(at, header) || !memory.write(at + header.size(), seed)) return 0;
  return at.value;
}

}  // namespace

void write_command_line(const GuestMemory& memory, GuestRange place, std::string_view text,
                        uint64_t limit) {
  const uint64_t room = std::min(limit, place.size - 1);
  if (text.size() > room) {
    Error error(fmt::format("The kernel command line has {} characters; the kernel takes {}",
                            text.size(), room));
    throw std::move(error).with_help("shorten boot.cmdline");
  }
  if (text.find('\0') != std::string_view::npos) {
    throw_error("The kernel command line has a zero byte inside");
  }
  const std::byte zero{};
  if (!memory.write(place.base, std::as_bytes(std::span(text))) ||
      !memory.write(place.base + text.size(), std::span(&zero, 1))) {
    throw_error("No RAM for the command line at {:#x}", place.base.value);
  }
}

void write_zero_page(const GuestMemory& memory, const X86BootPlacement& placement,
                     const ZeroPage& content) {
  write_command_line(memory, placement.command_line, content.command_line,
                     content.image.command_line_size);
  Page page{};
  // "Copy the setup header, from offset 0x1f1 on, into a zeroed boot_params" (boot.rst, "64-bit
  // Boot Protocol").
  const auto header = std::span(content.image.header).subspan(setup_header::kSetupSectors);
  std::memcpy(&page[setup_header::kSetupSectors], header.data(), header.size());
  store_le<uint16_t>(&page[setup_header::kVideoMode], kVideoModeNormal);
  store_le<uint8_t>(&page[setup_header::kTypeOfLoader], setup_header::kUndefinedLoader);
  auto flags = load_le<uint8_t>(&page[setup_header::kLoadFlags]);
  flags &= static_cast<uint8_t>(~setup_header::kLoadFlagKaslr);
  if (content.randomized) flags |= setup_header::kLoadFlagKaslr;
  store_le<uint8_t>(&page[setup_header::kLoadFlags], flags);

  store_address(page, setup_header::kCommandLinePointer, kExtCommandLinePointer,
                placement.command_line.base.value);
  if (content.initrd.size != 0) {
    store_address(page, setup_header::kRamdiskImage, kExtRamdiskImage, content.initrd.base.value);
    store_address(page, setup_header::kRamdiskSize, kExtRamdiskSize, content.initrd.size);
  }
  store_le<uint64_t>(&page[kAcpiRsdpAddress], content.rsdp.value);
  store_le<uint64_t>(
      &page[setup_header::kSetupData],
      write_seed(memory, placement.command_line, content.command_line.size(), content.seed));
  store_e820(page, content.memory_map);
  if (!memory.write(placement.boot_params, page)) {
    throw_error("No RAM for the boot parameters at {:#x}", placement.boot_params.value);
  }
}

}  // namespace lintel::boot
