// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/kernel_image.h"

#include <fcntl.h>

#include <cstring>

#include <gtest/gtest.h>

#include "tests/unit/firmware/boot/kernel_builder.h"
#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

constexpr KernelPlace kPlace{.preferred_address = kTestKernelBase, .init_size = 4 * kMiB};

class KernelImageTest : public testing::Test {
 protected:
  std::string write(const Bytes& unpacked) {
    const std::string path = folder_.path() + "/image";
    const UniqueFd fd = open_file(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    KernelImageWriter(unpacked, kPlace).write(fd.get());
    return path;
  }

  TemporaryFolder folder_;
  GuestMemory memory_ = make_memory(32 * kMiB);
};

// The kernel as its ELF segments say.
Bytes expected_memory() {
  Bytes bytes(kTestKernelSize);
  const Bytes unpacked = build_unpacked_kernel();
  const ElfFile elf = parse_elf(SpanSource(unpacked));
  for (const ElfSegment& segment : load_segments(elf)) {
    std::memcpy(&bytes[segment.physical_address - kTestKernelBase], &unpacked[segment.offset],
                segment.file_size);
  }
  return bytes;
}

TEST_F(KernelImageTest, loads_what_the_segments_say) {
  const KernelImage image{FileSource(write(build_unpacked_kernel()))};
  EXPECT_EQ(image.memory_size(), kTestKernelSize);
  EXPECT_EQ(image.entry_offset(), 0x40u);
  EXPECT_EQ(image.refusal(), "");
  image.load(memory_, GuestAddress(kTestKernelBase), 0, RamState::kZeroed);
  const Bytes expected = expected_memory();
  const auto loaded = memory_.slice(GuestAddress(kTestKernelBase), kTestKernelSize);
  EXPECT_EQ(std::memcmp(loaded.data(), expected.data(), expected.size()), 0);
}

TEST_F(KernelImageTest, used_memory_is_cleared_in_the_holes) {
  const auto ram = memory_.slice(GuestAddress(0), 32 * kMiB);
  std::memset(ram.data(), 0xee, ram.size());
  const KernelImage image{FileSource(write(build_unpacked_kernel()))};
  image.load(memory_, GuestAddress(kTestKernelBase), 0, RamState::kUsed);
  const Bytes expected = expected_memory();
  EXPECT_EQ(std::memcmp(ram.data() + kTestKernelBase, expected.data(), expected.size()), 0);
  EXPECT_EQ(ram[kTestKernelBase + kTestKernelSize], std::byte{0xee});
}

TEST_F(KernelImageTest, zeros_are_not_stored) {
  EXPECT_LT(FileSource(write(build_unpacked_kernel())).size(), 32 * kKiB);
}

TEST_F(KernelImageTest, relocations_move_the_words_alone) {
  const KernelImage image{FileSource(write(build_unpacked_kernel()))};
  image.load(memory_, GuestAddress(kTestKernelBase), 6 * kMiB, RamState::kZeroed);
  EXPECT_EQ(get_value<uint64_t>(memory_, kTestKernelBase + kWord64), 0xffffffff81600040);
  EXPECT_EQ(get_value<uint32_t>(memory_, kTestKernelBase + kWord32), 0x81600300);
  EXPECT_EQ(get_value<uint32_t>(memory_, kTestKernelBase + kInverse32), 0x1000 - 0x600000);
  EXPECT_EQ(get_value<uint8_t>(memory_, kTestKernelEntry), 0xf4);
}

TEST_F(KernelImageTest, new_layout_without_inverse_list_is_understood) {
  const KernelImage image{FileSource(write(build_unpacked_kernel(false)))};
  image.load(memory_, GuestAddress(kTestKernelBase), 6 * kMiB, RamState::kZeroed);
  EXPECT_EQ(get_value<uint64_t>(memory_, kTestKernelBase + kWord64), 0xffffffff81600040);
  EXPECT_EQ(get_value<uint32_t>(memory_, kTestKernelBase + kInverse32), 0x1000u);
}

TEST_F(KernelImageTest, memory_that_is_too_small_is_refused) {
  const KernelImage image{FileSource(write(build_unpacked_kernel()))};
  EXPECT_THROW(image.load(memory_, GuestAddress(30 * kMiB), 0, RamState::kZeroed), Error);
}

TEST_F(KernelImageTest, every_truncation_of_the_file_is_refused) {
  const Bytes whole = to_bytes(read_whole_file(write(build_unpacked_kernel())));
  for (size_t size = 0; size < whole.size(); size += size < 300 ? 1 : 1023) {
    const auto path = folder_.file("cut", std::span(whole).first(size));
    EXPECT_THROW(KernelImage{FileSource(path)}, Error) << size;
  }
}

TEST_F(KernelImageTest, every_changed_header_bit_is_noticed) {
  const Bytes whole = to_bytes(read_whole_file(write(build_unpacked_kernel())));
  constexpr size_t kHeaderAndExtents = 56 + 3 * 24;
  for (size_t i = 0; i < kHeaderAndExtents; ++i) {
    Bytes changed = whole;
    changed[i] ^= std::byte{0x10};
    EXPECT_THROW(KernelImage{FileSource(folder_.file("changed", changed))}, Error) << i;
  }
}

TEST_F(KernelImageTest, damaged_relocation_is_noticed_before_it_is_applied) {
  Bytes bytes = to_bytes(read_whole_file(write(build_unpacked_kernel())));
  set_value<uint32_t>(bytes, 56 + 3 * 24, 0xfffffff0);
  const KernelImage image{FileSource(folder_.file("damaged", bytes))};
  EXPECT_THROW(image.load(memory_, GuestAddress(kTestKernelBase), kMiB, RamState::kZeroed), Error);
}

TEST_F(KernelImageTest, unknown_layouts_are_refused) {
  const Bytes good = build_unpacked_kernel();
  const auto refused = [](const Bytes& bytes, const KernelPlace& place) {
    EXPECT_THROW(KernelImageWriter(bytes, place), Error);
  };
  refused(good, {.preferred_address = kTestKernelBase + 2 * kMiB, .init_size = 4 * kMiB});
  refused(good, {.preferred_address = kTestKernelBase, .init_size = 2 * kMiB});
  const uint64_t elf_end = parse_elf(SpanSource(good)).file_end;
  refused({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(elf_end)}, kPlace);
  Bytes outside = good;
  set_value<uint64_t>(outside, 24, kTestKernelBase - 1);  // e_entry
  refused(outside, kPlace);
  set_value<uint64_t>(outside, 24, kTestKernelBase + kTestKernelSize);
  refused(outside, kPlace);
}

TEST_F(KernelImageTest, refusal_is_kept_with_its_reason) {
  const std::string path = folder_.path() + "/refusal";
  const UniqueFd fd = open_file(path, O_RDWR | O_CREAT, 0600);
  write_refusal(fd.get(), "no relocation table");
  EXPECT_EQ(KernelImage(FileSource(path)).refusal(), "no relocation table");
}

}  // namespace
}  // namespace lintel::boot
