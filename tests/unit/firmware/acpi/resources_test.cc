// SPDX-License-Identifier: Apache-2.0
#include "firmware/acpi/resources.h"

#include <gtest/gtest.h>

#include "vmm/base/error.h"

namespace lintel::acpi {
namespace {

Bytes bytes(std::initializer_list<unsigned> values) {
  Bytes out;
  for (const unsigned value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

GuestRange range(uint64_t base, uint64_t size) {
  return {GuestAddress(base), size};
}

TEST(IoPorts, are_fixed_and_decode_16_bits) {
  EXPECT_EQ(aml::io_ports(range(0x3f8, 8)).bytes(),
            bytes({0x47, 0x01, 0xf8, 0x03, 0xf8, 0x03, 0x01, 0x08}));
}

TEST(IoPorts, what_does_not_fit_is_refused) {
  EXPECT_NO_THROW(aml::io_ports(range(0xffff, 1)));
  EXPECT_THROW(aml::io_ports(range(0xffff, 2)), Error);
  EXPECT_THROW(aml::io_ports(range(0, 256)), Error);
  EXPECT_THROW(aml::io_ports(range(0x80, 0)), Error);
}

TEST(IsaInterrupt, is_a_bit_of_the_mask) {
  EXPECT_EQ(aml::isa_interrupt(Gsi(8)).bytes(), bytes({0x22, 0x00, 0x01}));
  EXPECT_THROW(aml::isa_interrupt(Gsi(16)), Error);
}

TEST(Memory, below_4_gib_is_a_short_descriptor) {
  EXPECT_EQ(aml::memory(range(0xb0000000, 0x10000000)).bytes(),
            bytes({0x86, 9, 0, 0x01, 0, 0, 0, 0xb0, 0, 0, 0, 0x10}));
}

TEST(Memory, above_4_gib_is_a_consumed_64_bit_range) {
  EXPECT_EQ(aml::memory(range(0x100000000, 0x1000)).bytes(),
            bytes({0x8a, 43, 0, 0x00, 0x0d, 0x01, 0,    0,    0,    0,    0, 0, 0, 0, 0, 0,
                   0,    0,  1, 0,    0,    0,    0xff, 0x0f, 0x00, 0x00, 1, 0, 0, 0, 0, 0,
                   0,    0,  0, 0,    0,    0,    0x00, 0x10, 0,    0,    0, 0, 0, 0}));
}

TEST(MemoryWindow, width_follows_the_last_address) {
  EXPECT_EQ(aml::memory_window(range(0xc0000000, 0x40000000)).bytes()[0], std::byte{0x87});
  EXPECT_EQ(aml::memory_window(range(0xc0000000, 0x40000001)).bytes()[0], std::byte{0x8a});
}

TEST(MemoryWindow, all_4_gib_need_the_64_bit_length) {
  EXPECT_EQ(aml::memory_window(range(0, 0x100000000)).bytes()[0], std::byte{0x8a});
}

TEST(MemoryWindow, is_produced_with_fixed_ends) {
  EXPECT_EQ(aml::memory_window(range(0xc0000000, 0x3c000000)).bytes(),
            bytes({0x87, 23,   0,    0x00, 0x0c, 0x01, 0, 0, 0, 0, 0, 0, 0,
                   0xc0, 0xff, 0xff, 0xff, 0xfb, 0,    0, 0, 0, 0, 0, 0, 0x3c}));
}

TEST(MemoryWindow, that_wraps_or_is_empty_is_refused) {
  EXPECT_THROW(aml::memory_window(range(UINT64_MAX, 2)), Error);
  EXPECT_THROW(aml::memory_window(range(0x1000, 0)), Error);
}

TEST(IoWindow, covers_isa_and_other_ports) {
  EXPECT_EQ(aml::io_window(range(0xc000, 0x4000)).bytes(),
            bytes({0x88, 13, 0, 0x01, 0x0c, 0x03, 0, 0, 0x00, 0xc0, 0xff, 0xff, 0, 0, 0x00, 0x40}));
  EXPECT_THROW(aml::io_window(range(0, 0x10000)), Error);
}

TEST(BusWindow, of_all_buses_has_a_length_of_256) {
  EXPECT_EQ(aml::bus_window(0, 255).bytes(),
            bytes({0x88, 13, 0, 0x02, 0x0c, 0x00, 0, 0, 0, 0, 0xff, 0x00, 0, 0, 0x00, 0x01}));
  EXPECT_THROW(aml::bus_window(2, 1), Error);
}

TEST(ResourceTemplate, ends_with_the_end_tag) {
  EXPECT_EQ(aml::resource_template(aml::isa_interrupt(Gsi(4))).bytes(),
            bytes({0x11, 0x08, 0x0a, 0x05, 0x22, 0x10, 0x00, 0x79, 0x00}));
}

}  // namespace
}  // namespace lintel::acpi
