// SPDX-License-Identifier: Apache-2.0
#include "firmware/acpi/aml.h"

#include <string>

#include <gtest/gtest.h>

#include "vmm/base/error.h"

namespace lintel::acpi {
namespace {

Bytes bytes(std::initializer_list<unsigned> values) {
  Bytes out;
  for (const unsigned value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

// Content of `size` bytes that is not part of any encoding.
Aml filler(size_t size) {
  return Aml(Bytes(size, std::byte{0xa5}));
}

TEST(PackageLength, content_up_to_62_bytes_takes_one_byte) {
  EXPECT_EQ(aml::package_length(0), bytes({0x01}));
  EXPECT_EQ(aml::package_length(62), bytes({63}));
}

TEST(PackageLength, content_from_63_bytes_takes_two_bytes) {
  // 63 + 2 = 65 = 0x041: the low nibble first, then eight bits.
  EXPECT_EQ(aml::package_length(63), bytes({0x41, 0x04}));
  EXPECT_EQ(aml::package_length(4093), bytes({0x4f, 0xff}));
}

TEST(PackageLength, total_above_4095_takes_three_bytes) {
  // 4094 + 3 = 4097 = 0x01001.
  EXPECT_EQ(aml::package_length(4094), bytes({0x81, 0x00, 0x01}));
  EXPECT_EQ(aml::package_length((1u << 20) - 4), bytes({0x8f, 0xff, 0xff}));
}

TEST(PackageLength, total_above_1_mib_takes_four_bytes) {
  EXPECT_EQ(aml::package_length((1u << 20) - 3), bytes({0xc1, 0x00, 0x00, 0x01}));
  EXPECT_EQ(aml::package_length((1u << 28) - 5), bytes({0xcf, 0xff, 0xff, 0xff}));
}

TEST(PackageLength, total_above_256_mib_is_refused) {
  EXPECT_THROW(aml::package_length((1u << 28) - 4), Error);
}

TEST(Integer, takes_the_shortest_encoding) {
  EXPECT_EQ(aml::integer(0).bytes(), bytes({0x00}));
  EXPECT_EQ(aml::integer(1).bytes(), bytes({0x01}));
  EXPECT_EQ(aml::integer(2).bytes(), bytes({0x0a, 0x02}));
  EXPECT_EQ(aml::integer(0xff).bytes(), bytes({0x0a, 0xff}));
  EXPECT_EQ(aml::integer(0x100).bytes(), bytes({0x0b, 0x00, 0x01}));
  EXPECT_EQ(aml::integer(0xffff).bytes(), bytes({0x0b, 0xff, 0xff}));
  EXPECT_EQ(aml::integer(0x10000).bytes(), bytes({0x0c, 0x00, 0x00, 0x01, 0x00}));
  EXPECT_EQ(aml::integer(0xffffffff).bytes(), bytes({0x0c, 0xff, 0xff, 0xff, 0xff}));
  EXPECT_EQ(aml::integer(0x100000000).bytes(),
            bytes({0x0e, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00}));
}

TEST(Path, short_segment_is_padded) {
  EXPECT_EQ(aml::path("_SB").bytes(), bytes({'_', 'S', 'B', '_'}));
}

TEST(Path, two_segments_take_the_dual_prefix) {
  EXPECT_EQ(aml::path("\\_SB.PCI0").bytes(),
            bytes({'\\', 0x2e, '_', 'S', 'B', '_', 'P', 'C', 'I', '0'}));
}

TEST(Path, three_segments_take_a_counted_prefix) {
  EXPECT_EQ(aml::path("^A.B.C").bytes(),
            bytes({'^', 0x2f, 3, 'A', '_', '_', '_', 'B', '_', '_', '_', 'C', '_', '_', '_'}));
}

TEST(Path, root_and_parent_alone_end_with_a_null_name) {
  EXPECT_EQ(aml::path("\\").bytes(), bytes({'\\', 0}));
  EXPECT_EQ(aml::path("^^").bytes(), bytes({'^', '^', 0}));
}

TEST(Path, what_is_not_a_name_is_refused) {
  for (const char* path : {"TOOLONG", "0ABC", "low", "A..B", "A.", ".A", "A B"}) {
    EXPECT_THROW(aml::path(path), Error) << path;
  }
}

TEST(EisaId, is_compressed_most_significant_byte_first) {
  EXPECT_EQ(aml::eisa_id("PNP0A08").bytes(), bytes({0x0c, 0x41, 0xd0, 0x0a, 0x08}));
  EXPECT_EQ(aml::eisa_id("PNP0501").bytes(), bytes({0x0c, 0x41, 0xd0, 0x05, 0x01}));
}

TEST(EisaId, wrong_length_letter_or_digit_is_refused) {
  for (const char* id : {"", "PNP0A0", "PNP0A080", "pnp0A08", "PNP0AG8"}) {
    EXPECT_THROW(aml::eisa_id(id), Error) << id;
  }
}

TEST(Uuid, first_three_groups_are_little_endian) {
  EXPECT_EQ(aml::uuid("00112233-4455-6677-8899-AABBccddeeff").bytes(),
            bytes({0x11, 0x13, 0x0a, 0x10, 0x33, 0x22, 0x11, 0x00, 0x55, 0x44,
                   0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}));
}

TEST(Uuid, wrong_shape_is_refused) {
  EXPECT_THROW(aml::uuid("00112233-4455-6677-8899-aabbccddeef"), Error);
  EXPECT_THROW(aml::uuid("001122334-455-6677-8899-aabbccddeeff"), Error);
  EXPECT_THROW(aml::uuid("0011223x-4455-6677-8899-aabbccddeeff"), Error);
}

TEST(String, ends_with_zero_and_refuses_what_is_not_ascii) {
  EXPECT_EQ(aml::string("AB").bytes(), bytes({0x0d, 'A', 'B', 0}));
  EXPECT_THROW(aml::string("\xc3\xa9"), Error);
  EXPECT_THROW(aml::string(std::string_view("A\0B", 3)), Error);
}

TEST(Package, counts_its_elements) {
  EXPECT_EQ(aml::package({aml::integer(0), aml::integer(5)}).bytes(),
            bytes({0x12, 0x05, 0x02, 0x00, 0x0a, 0x05}));
}

TEST(Package, more_than_255_elements_are_refused) {
  EXPECT_NO_THROW(aml::package(std::vector<Aml>(255, aml::integer(0))));
  EXPECT_THROW(aml::package(std::vector<Aml>(256, aml::integer(0))), Error);
}

TEST(Scope, length_counts_the_name_and_grows_with_the_body) {
  // Length byte 1 + name 4 + body 58 = 63; one more byte of body needs a second length byte.
  const Bytes short_scope = aml::scope("_SB_", filler(58)).bytes();
  EXPECT_EQ(short_scope.size(), 1u + 63u);
  EXPECT_EQ(short_scope[1], std::byte{63});
  const Bytes long_scope = aml::scope("_SB_", filler(59)).bytes();
  EXPECT_EQ(long_scope.size(), 1u + 65u);
  EXPECT_EQ(long_scope[1], std::byte{0x41});
  EXPECT_EQ(long_scope[2], std::byte{0x04});
}

TEST(Device, holds_its_terms_in_order) {
  EXPECT_EQ(
      aml::device("DEV0", {aml::name("_UID", aml::integer(1)), aml::name("_ADR", aml::integer(0))})
          .bytes(),
      bytes({0x5b, 0x82, 17, 'D', 'E', 'V', '0', 0x08, '_', 'U', 'I', 'D', 0x01, 0x08, '_', 'A',
             'D', 'R', 0x00}));
}

TEST(Method, flags_hold_arguments_and_concurrency) {
  EXPECT_EQ(aml::method("M", {.arguments = 4, .concurrency = aml::Concurrency::kSerialized},
                        aml::return_value(aml::argument(3)))
                .bytes(),
            bytes({0x14, 0x08, 'M', '_', '_', '_', 0x0c, 0xa4, 0x6b}));
  EXPECT_THROW(aml::method("M", {.arguments = 8}, {}), Error);
}

TEST(Statements, encode_operands_before_targets) {
  EXPECT_EQ(aml::store(aml::local(0), aml::path("X")).bytes(),
            bytes({0x70, 0x60, 'X', '_', '_', '_'}));
  EXPECT_EQ(aml::bit_and(aml::argument(0), aml::integer(1), aml::local(7)).bytes(),
            bytes({0x7b, 0x68, 0x01, 0x67}));
  EXPECT_EQ(aml::bit_or(aml::argument(6), aml::integer(0), aml::local(1)).bytes(),
            bytes({0x7d, 0x6e, 0x00, 0x61}));
  EXPECT_EQ(aml::create_dword_field(aml::argument(3), 8, "CDW3").bytes(),
            bytes({0x8a, 0x6b, 0x0a, 0x08, 'C', 'D', 'W', '3'}));
}

TEST(Statements, else_follows_if_with_its_own_length) {
  EXPECT_EQ(aml::if_else(aml::logical_not(aml::equal(aml::argument(0), aml::integer(1))),
                         aml::return_value(aml::integer(0)), aml::return_value(aml::integer(1)))
                .bytes(),
            bytes({0xa0, 0x07, 0x92, 0x93, 0x68, 0x01, 0xa4, 0x00, 0xa1, 0x03, 0xa4, 0x01}));
}

TEST(Statements, argument_or_local_that_does_not_exist_is_refused) {
  EXPECT_THROW(aml::argument(7), Error);
  EXPECT_THROW(aml::local(8), Error);
}

}  // namespace
}  // namespace lintel::acpi
