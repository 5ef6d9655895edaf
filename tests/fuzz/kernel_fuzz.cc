// SPDX-License-Identifier: Apache-2.0
// Kernel files: a bzImage with its packed kernel, an ELF file, or an image of the kernel cache,
// whichever the bytes begin with. The seeds are what the unit tests' builders make.
#include <sys/mman.h>

#include <algorithm>
#include <vector>

#include "firmware/boot/bzimage.h"
#include "firmware/boot/decompress.h"
#include "firmware/boot/elf.h"
#include "firmware/boot/kernel_image.h"
#include "firmware/boot/pvh.h"
#include "vmm/base/endian.h"
#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

constexpr uint64_t kMemory = 32 * kMiB;
// A megabyte of zeros packs into a few bytes: larger outputs only cost time.
constexpr uint32_t kUnpackedLimit = 4 * kMiB;

const GuestMemory& memory() {
  static const GuestRange range{GuestAddress(0), kMemory};
  static const GuestMemory ram(std::span(&range, 1), {.huge_pages = HugePages::kOff});
  return ram;
}

FileSource memory_file(UniqueFd fd) {
  return FileSource(std::move(fd), "memory file");
}

void check(bool holds) {
  if (!holds) __builtin_trap();
}

// Every image that can be written can be read and loaded, and its segments arrive.
void write_and_load(std::span<const std::byte> unpacked, const KernelPlace& place) {
  const KernelImageWriter writer(unpacked, place);
  UniqueFd fd(memfd_create("fuzz", MFD_CLOEXEC));
  writer.write(fd.get());
  const KernelImage image(memory_file(std::move(fd)));
  check(image.entry_offset() < image.memory_size());
  if (image.memory_size() > kMemory) return;
  image.load(memory(), GuestAddress(0), 0, RamState::kUsed);
  for (const ElfSegment& segment : load_segments(parse_elf(SpanSource(unpacked)))) {
    const auto loaded = memory().slice(
        GuestAddress(segment.physical_address - place.preferred_address), segment.file_size);
    check(std::equal(loaded.begin(), loaded.end(),
                     unpacked.begin() + static_cast<std::ptrdiff_t>(segment.offset)));
  }
  image.load(memory(), GuestAddress(0), 2 * kMiB, RamState::kZeroed);
}

void run_bzimage(std::span<const std::byte> bytes) {
  const BzImage image = parse_bzimage(SpanSource(bytes));
  const auto payload = bytes.subspan(image.payload_offset, image.payload_size);
  const auto compression = detect_compression(payload);
  if (!compression || payload.size() < 4 ||
      load_le<uint32_t>(payload.data() + payload.size() - 4) > kUnpackedLimit) {
    return;
  }
  const MmapRegion unpacked = decompress(payload, *compression);
  write_and_load(unpacked.bytes(), {image.preferred_address, image.init_size});
}

void run_elf(std::span<const std::byte> bytes) {
  const SpanSource source(bytes);
  const ElfFile elf = parse_elf(source);
  find_pvh_entry(source, elf);
  const auto segments = load_segments(elf);
  const MemoryMapEntry ram{{GuestAddress(0), kMemory}, MemoryType::kRam};
  try {
    load_elf(memory(), source, elf, std::span(&ram, 1), RamState::kZeroed);
  } catch (const Error&) {
    // The same bytes may still be an unpacked kernel for another place.
  }
  write_and_load(bytes, {segments.front().physical_address, kMemory});
}

void run_image(std::span<const std::byte> bytes) {
  UniqueFd fd(memfd_create("fuzz", MFD_CLOEXEC));
  write_exactly(fd.get(), bytes, 0);
  const KernelImage image(memory_file(std::move(fd)));
  if (image.memory_size() > kMemory) return;
  image.load(memory(), GuestAddress(0), 2 * kMiB, RamState::kZeroed);
}

}  // namespace
}  // namespace lintel::boot

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lintel::boot;
  const auto bytes = std::as_bytes(std::span(data, size));
  const SpanSource source(bytes);
  try {
    if (is_bzimage(source)) {
      run_bzimage(bytes);
    } else if (is_elf(source)) {
      run_elf(bytes);
    } else {
      run_image(bytes);
    }
  } catch (const lintel::Error&) {
    // A refusal is a result.
  }
  return 0;
}
