// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/bzimage.h"

#include <gtest/gtest.h>

#include "tests/unit/firmware/boot/kernel_builder.h"
#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

BzImage parse(const Bytes& bytes) {
  return parse_bzimage(SpanSource(bytes));
}

Bytes valid() {
  return build_bzimage({.payload = Bytes(100, std::byte{1})});
}

std::string error_of(const Bytes& bytes) {
  try {
    parse(bytes);
  } catch (const Error& error) {
    return error.describe();
  }
  return "";
}

TEST(BzImage, fields_are_read) {
  const BzImage image = parse(valid());
  EXPECT_EQ(image.kernel_offset, 0x400u);
  EXPECT_EQ(image.payload_offset, 0x680u);
  EXPECT_EQ(image.payload_size, 100u);
  EXPECT_EQ(image.preferred_address, 16 * kMiB);
  EXPECT_EQ(image.init_size, 4 * kMiB);
  EXPECT_EQ(image.alignment, 2 * kMiB);
  EXPECT_EQ(image.command_line_size, 2047u);
  EXPECT_TRUE(image.relocatable);
  EXPECT_TRUE(image.loadable_above_4g);
}

TEST(BzImage, release_has_no_control_characters) {
  EXPECT_EQ(parse(valid()).release, "6.6.6-test (a?[31m)");
}

TEST(BzImage, header_behind_its_own_end_is_not_taken_over) {
  Bytes bytes = valid();
  set_value<uint64_t>(bytes, 0x26c, UINT64_MAX);
  EXPECT_EQ(parse(bytes).header[0x26c], std::byte{0});
}

TEST(BzImage, every_truncation_is_refused) {
  const Bytes bytes = valid();
  for (size_t size = 0; size < bytes.size(); ++size) {
    const SpanSource cut{std::span(bytes).first(size)};
    if (is_bzimage(cut)) {
      EXPECT_THROW(parse_bzimage(cut), Error) << size;
    } else {
      EXPECT_LT(size, 0x206u);
    }
  }
}

TEST(BzImage, trailing_signature_is_ignored) {
  Bytes bytes = valid();
  const uint64_t size = parse(bytes).kernel_size;
  bytes.resize(bytes.size() + 1000);
  EXPECT_EQ(parse(bytes).kernel_size, size);
}

TEST(BzImage, kernel_without_64_bit_entry_is_refused) {
  EXPECT_NE(error_of(build_bzimage({.xloadflags = 0x2})).find("no 64-bit entry point"),
            std::string::npos);
  const std::string old = error_of(build_bzimage({.version = 0x20a}));
  EXPECT_NE(old.find("boot protocol 2.10"), std::string::npos);
  EXPECT_NE(old.find("help: use an x86-64 kernel"), std::string::npos);
}

TEST(BzImage, lying_payload_is_refused) {
  Bytes bytes = valid();
  set_value<uint32_t>(bytes, 0x24c, 0xffffffff);
  EXPECT_NE(error_of(bytes).find("payload_length"), std::string::npos);
  bytes = valid();
  set_value<uint32_t>(bytes, 0x248, 0xfffffff0);
  EXPECT_NE(error_of(bytes).find("payload_offset"), std::string::npos);
}

TEST(BzImage, impossible_memory_is_refused) {
  EXPECT_NE(error_of(build_bzimage({.preferred_address = UINT64_MAX - 4095})).find("pref_address"),
            std::string::npos);
  EXPECT_NE(error_of(build_bzimage({.preferred_address = 4 * kGiB - kMiB})).find("init_size"),
            std::string::npos);
  EXPECT_NE(error_of(build_bzimage({.init_size = 0})).find("init_size"), std::string::npos);
  EXPECT_NE(error_of(build_bzimage({.alignment = 0x300000})).find("kernel_alignment"),
            std::string::npos);
}

TEST(BzImage, short_header_is_refused) {
  Bytes bytes = valid();
  set_value<uint8_t>(bytes, 0x201, 0x30);
  EXPECT_NE(error_of(bytes).find("jump"), std::string::npos);
}

}  // namespace
}  // namespace lintel::boot
