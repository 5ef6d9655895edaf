// SPDX-License-Identifier: Apache-2.0
#include "passthrough/capability_chain.h"

#include <gtest/gtest.h>

#include "tests/unit/passthrough/fake_kernel.h"
#include "vmm/base/error.h"

namespace lintel::passthrough {
namespace {

constexpr size_t kFixed = 16;

// A header at `at`.
void put(Bytes& info, size_t at, uint16_t id, uint32_t next) {
  const Bytes header = bytes_of(id, uint16_t{1}, next);
  std::memcpy(info.data() + at, header.data(), header.size());
}

std::string failure(const Bytes& info, uint32_t first) {
  try {
    capability_chain(info, kFixed, first);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(CapabilityChain, Follows_offsets_not_positions) {
  Bytes info(64);
  put(info, 48, 7, 16);
  put(info, 16, 5, 28);  // 12 bytes long: 4 is alignment enough
  put(info, 28, 6, 0);
  const auto chain = capability_chain(info, kFixed, 48);
  ASSERT_EQ(chain.size(), 3u);
  EXPECT_EQ(chain[0].id, 7);
  EXPECT_EQ(chain[1].id, 5);
  EXPECT_EQ(chain[2].id, 6);
  EXPECT_EQ(chain[0].data.size(), 8u);
  EXPECT_EQ(chain[1].data.data(), info.data() + 24);
}

TEST(CapabilityChain, No_first_offset_is_an_empty_chain) {
  EXPECT_TRUE(capability_chain(Bytes(16), kFixed, 0).empty());
}

TEST(CapabilityChain, Header_at_the_very_end_has_no_data) {
  Bytes info(32);
  put(info, 24, 9, 0);
  const auto chain = capability_chain(info, kFixed, 24);
  ASSERT_EQ(chain.size(), 1u);
  EXPECT_TRUE(chain[0].data.empty());
}

TEST(CapabilityChain, Malformed_offsets_are_errors) {
  Bytes info(64);
  put(info, 16, 1, 0);
  EXPECT_EQ(failure(info, 17), "A capability at the odd offset 0x11");
  EXPECT_EQ(failure(info, 8), "A capability at 0x8, outside [0x10, 0x40)");
  EXPECT_EQ(failure(info, 60), "A capability at 0x3c, outside [0x10, 0x40)");
  EXPECT_EQ(failure(info, 0xfffffffc), "A capability at 0xfffffffc, outside [0x10, 0x40)");
  put(info, 16, 1, 0x1000);
  EXPECT_EQ(failure(info, 16), "A capability at 0x1000, outside [0x10, 0x40)");
}

TEST(CapabilityChain, Loops_are_errors) {
  Bytes info(64);
  put(info, 16, 1, 32);
  put(info, 32, 2, 16);
  EXPECT_EQ(failure(info, 16), "The capabilities' chain loops at 0x10");
  put(info, 32, 2, 32);
  EXPECT_EQ(failure(info, 16), "The capabilities' chain loops at 0x20");
}

}  // namespace
}  // namespace lintel::passthrough
