// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include <gtest/gtest.h>

#include "firmware/boot/decompress.h"
#include "firmware/boot/kaslr.h"
#include "firmware/boot/relocations.h"
#include "firmware/boot/sha256.h"
#include "tests/unit/firmware/boot/kernel_builder.h"
#include "vmm/base/endian.h"
#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

Bytes sample() {
  Bytes bytes(100'000);
  uint32_t state = 1;
  for (size_t i = 0; i < bytes.size(); ++i) {
    state = state * 1664525 + 1013904223;
    bytes[i] = static_cast<std::byte>(i % 7 == 0 ? state >> 24 : i >> 8);
  }
  return bytes;
}

class Decompress : public testing::TestWithParam<Compression> {};

TEST_P(Decompress, gives_back_what_was_compressed) {
  const Bytes content = sample();
  const Bytes packed = compress(content, GetParam());
  EXPECT_EQ(detect_compression(packed), GetParam());
  const MmapRegion unpacked = decompress(packed, GetParam());
  ASSERT_EQ(unpacked.size(), content.size());
  EXPECT_EQ(std::memcmp(unpacked.data(), content.data(), content.size()), 0);
}

TEST_P(Decompress, truncated_payload_is_refused) {
  const Bytes packed = compress(sample(), GetParam());
  for (const size_t size :
       {size_t{0}, size_t{5}, size_t{12}, packed.size() / 2, packed.size() - 9}) {
    Bytes cut(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size));
    append_value<uint32_t>(cut, 100'000);
    EXPECT_THROW(decompress(cut, GetParam()), Error) << size;
  }
}

TEST_P(Decompress, wrong_size_is_refused) {
  const Bytes packed = compress(sample(), GetParam());
  for (const uint32_t size : {0u, 1u, 99'999u, 100'001u, UINT32_MAX}) {
    Bytes lying = packed;
    store_le<uint32_t>(lying.data() + lying.size() - 4, size);
    EXPECT_THROW(decompress(lying, GetParam()), Error) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(AllFormats, Decompress,
                         testing::Values(Compression::kGzip, Compression::kBzip2,
                                         Compression::kLzma, Compression::kXz, Compression::kLz4,
                                         Compression::kZstd),
                         [](const auto& format) { return std::string(name(format.param)); });

TEST(DetectCompression, unknown_magic_is_nothing) {
  EXPECT_EQ(detect_compression(to_bytes("\x89LZO")), std::nullopt);
  EXPECT_EQ(detect_compression(to_bytes("\x1f")), std::nullopt);
  EXPECT_EQ(detect_compression({}), std::nullopt);
}

TEST(Sha256, fips_examples) {
  EXPECT_EQ(hex(sha256(to_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256(to_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256(Bytes(1'000'000, std::byte{'a'}))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

constexpr RelocationBounds kBounds{.link_address = 16 * kMiB, .memory_size = 0x1000};

Relocations parse(const TestRelocations& relocations) {
  return parse_relocations(build_relocations(relocations), kBounds);
}

TEST(Relocations, layout_with_three_lists) {
  const Relocations lists = parse({.address64 = {0x81000008, 0x81000ff8},
                                   .inverse32 = {{0x81000010}},
                                   .address32 = {0x81000ffc}});
  EXPECT_EQ(lists[0], (std::vector<uint32_t>{8, 0xff8}));
  EXPECT_EQ(lists[1], (std::vector<uint32_t>{0xffc}));
  EXPECT_EQ(lists[2], (std::vector<uint32_t>{0x10}));
}

TEST(Relocations, layout_with_two_lists) {
  const Relocations lists =
      parse({.address64 = {0x81000008}, .inverse32 = {}, .address32 = {0x81000010}});
  EXPECT_EQ(lists[0], (std::vector<uint32_t>{8}));
  EXPECT_EQ(lists[1], (std::vector<uint32_t>{0x10}));
  EXPECT_TRUE(lists[2].empty());
}

TEST(Relocations, lists_may_be_empty) {
  const Relocations lists = parse({.address64 = {}, .inverse32 = {{}}, .address32 = {}});
  for (const auto& list : lists) EXPECT_TRUE(list.empty());
}

TEST(Relocations, unknown_layouts_are_refused) {
  EXPECT_THROW(parse_relocations({}, kBounds), Error);
  Bytes one_list;
  append_value<uint32_t>(one_list, 0);
  append_value<uint32_t>(one_list, 0x81000000);
  EXPECT_THROW(parse_relocations(one_list, kBounds), Error);
  EXPECT_THROW(parse_relocations(Bytes(16), kBounds), Error);
  Bytes table = build_relocations({.address64 = {0x81000008}, .inverse32 = {}, .address32 = {}});
  EXPECT_NO_THROW(parse_relocations(table, kBounds));
  EXPECT_THROW(parse_relocations(std::span(table).subspan(4), kBounds), Error);
  EXPECT_THROW(parse_relocations(std::span(table).first(table.size() - 1), kBounds), Error);
}

TEST(Relocations, addresses_outside_the_kernel_are_refused) {
  for (const uint32_t address : {0x80fffffcu, 0x81000ff9u, 0x81001000u, 0x1000u, 0xffffffffu}) {
    EXPECT_THROW(parse({.address64 = {address}, .inverse32 = {}, .address32 = {}}), Error)
        << address;
  }
  EXPECT_NO_THROW(parse({.address64 = {}, .inverse32 = {}, .address32 = {0x81000ffc}}));
}

TEST(Relocations, each_kind_moves_its_words) {
  Bytes kernel(32);
  set_value<uint64_t>(kernel, 0, 0xffffffff81000000);
  set_value<uint32_t>(kernel, 8, 0x81000000);
  set_value<uint32_t>(kernel, 16, 0x100);
  const uint32_t at[] = {0, 8, 16};
  constexpr uint64_t kDelta = 0x1e00000;
  apply_relocations(kernel, std::span(at).subspan(0, 1), RelocationKind::kAddress64, kDelta);
  apply_relocations(kernel, std::span(at).subspan(1, 1), RelocationKind::kAddress32, kDelta);
  apply_relocations(kernel, std::span(at).subspan(2, 1), RelocationKind::kInverse32, kDelta);
  EXPECT_EQ(load_le<uint64_t>(kernel.data()), 0xffffffff82e00000);
  EXPECT_EQ(load_le<uint32_t>(&kernel[8]), 0x82e00000);
  EXPECT_EQ(load_le<uint32_t>(&kernel[12]), 0u);
  EXPECT_EQ(load_le<uint32_t>(&kernel[16]), 0x100 - 0x1e00000);
}

TEST(Relocations, offset_behind_the_kernel_is_not_written) {
  Bytes kernel(16);
  for (const uint32_t offset : {9u, 16u, UINT32_MAX}) {
    EXPECT_THROW(apply_relocations(kernel, std::span(&offset, 1), RelocationKind::kAddress64, 1),
                 Error);
  }
  Bytes tiny(7);
  const uint32_t zero = 0;
  EXPECT_THROW(apply_relocations(tiny, std::span(&zero, 1), RelocationKind::kAddress64, 1), Error);
}

TEST(HasWord, wants_the_whole_word) {
  EXPECT_TRUE(has_word("nokaslr", "nokaslr"));
  EXPECT_TRUE(has_word("a nokaslr\tb", "nokaslr"));
  EXPECT_TRUE(has_word("xnokaslr nokaslr", "nokaslr"));
  EXPECT_FALSE(has_word("nokaslr=1 xnokaslr", "nokaslr"));
  EXPECT_FALSE(has_word("", "nokaslr"));
}

TEST(VirtualOffset, covers_exactly_the_kernels_range) {
  BzImage image;
  image.preferred_address = 16 * kMiB;
  image.init_size = 50 * kMiB + 1;
  image.alignment = 2 * kMiB;
  // From 16 MiB to 1 GiB, less 52 MiB for the kernel: 479 places.
  EXPECT_EQ(virtual_offset(image, 0), 0u);
  EXPECT_EQ(virtual_offset(image, 478), 956 * kMiB);
  EXPECT_EQ(virtual_offset(image, 479), 0u);
  image.init_size = 1023 * kMiB;
  EXPECT_EQ(virtual_offset(image, 12345), 0u);
}

}  // namespace
}  // namespace lintel::boot
