// SPDX-License-Identifier: Apache-2.0
#include "passthrough/user/dma_table.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <gtest/gtest.h>

namespace lintel::passthrough::user {
namespace {

class DmaTableTest : public testing::Test {
 protected:
  DmaTableTest() {
    for (size_t i = 0; i < first.size(); ++i) first[i] = static_cast<std::byte>(i);
    for (size_t i = 0; i < second.size(); ++i) second[i] = static_cast<std::byte>(0x80 + i);
    table.add({.range = {GuestAddress(0x1000), first.size()}, .host = first.data()});
    table.add({.range = {GuestAddress(0x1010), second.size()}, .host = second.data()});
  }

  // The errno of a command, whose payload is address, count and data.
  uint32_t serve(Command command, uint64_t address, uint64_t count, size_t data = 0) {
    const DmaAccessMessage access{address, count};
    const auto head = bytes_of(access);
    std::vector<std::byte> payload(head.begin(), head.end());
    payload.resize(payload.size() + data, std::byte{0x55});
    return serve_dma({.command = static_cast<uint16_t>(command)}, payload, table, reply);
  }

  std::array<std::byte, 16> first;
  std::array<std::byte, 16> second;
  DmaTable table;
  std::vector<std::byte> reply;
};

TEST_F(DmaTableTest, Read_goes_on_in_the_next_range) {
  std::array<std::byte, 4> data{};
  EXPECT_TRUE(table.read(GuestAddress(0x100e), data));
  EXPECT_EQ(data, (std::array{std::byte{0x0e}, std::byte{0x0f}, std::byte{0x80}, std::byte{0x81}}));
}

TEST_F(DmaTableTest, Write_that_is_not_all_mapped_changes_nothing) {
  const auto before = second;
  const std::array<std::byte, 8> data{};
  EXPECT_FALSE(table.write(GuestAddress(0x101c), data));
  EXPECT_FALSE(table.write(GuestAddress(0xffc), data));
  EXPECT_FALSE(table.write(GuestAddress(UINT64_MAX - 3), data));
  EXPECT_EQ(second, before);
  EXPECT_TRUE(table.write(GuestAddress(0x1018), data));
  EXPECT_EQ(second[8], std::byte{0});
}

TEST_F(DmaTableTest, Read_that_is_not_all_mapped_gives_nothing) {
  std::array<std::byte, 8> data{};
  EXPECT_FALSE(table.read(GuestAddress(0x101c), data));
  EXPECT_EQ(data, (std::array<std::byte, 8>{}));
}

TEST_F(DmaTableTest, Removed_memory_is_out_of_reach) {
  std::array<std::byte, 4> data{};
  EXPECT_TRUE(table.remove({GuestAddress(0x1000), first.size()}));
  EXPECT_FALSE(table.remove({GuestAddress(0x1000), first.size()}));
  EXPECT_FALSE(table.read(GuestAddress(0x1000), data));
  EXPECT_FALSE(table.read(GuestAddress(0x100e), data));
  EXPECT_TRUE(table.read(GuestAddress(0x1010), data));
  EXPECT_EQ(table.size(), 1u);
}

TEST_F(DmaTableTest, Overlap_is_refused) {
  EXPECT_FALSE(table.add({.range = {GuestAddress(0x101f), 1}, .host = first.data()}));
  EXPECT_EQ(table.size(), 2u);
}

TEST_F(DmaTableTest, Read_command_is_answered_with_the_memory) {
  ASSERT_EQ(serve(Command::kDmaRead, 0x1004, 2), 0u);
  const DmaAccessMessage expected{0x1004, 2};
  ASSERT_EQ(reply.size(), sizeof expected + 2);
  EXPECT_EQ(std::memcmp(reply.data(), &expected, sizeof expected), 0);
  EXPECT_EQ(reply[16], std::byte{4});
  EXPECT_EQ(reply[17], std::byte{5});
}

TEST_F(DmaTableTest, Write_command_changes_the_memory) {
  ASSERT_EQ(serve(Command::kDmaWrite, 0x1004, 2, 2), 0u);
  EXPECT_EQ(reply.size(), sizeof(DmaAccessMessage));
  EXPECT_EQ(first[4], std::byte{0x55});
  EXPECT_EQ(first[6], std::byte{6});
}

TEST_F(DmaTableTest, Malformed_commands_are_refused) {
  EXPECT_EQ(serve(Command::kDmaRead, 0x2000, 4), uint32_t{EFAULT});
  EXPECT_EQ(serve(Command::kDmaWrite, 0x2000, 4, 4), uint32_t{EFAULT});
  EXPECT_EQ(serve(Command::kDmaRead, 0x1000, 4, 4), uint32_t{EINVAL});
  EXPECT_EQ(serve(Command::kDmaWrite, 0x1000, 4, 3), uint32_t{EINVAL});
  EXPECT_EQ(serve(Command::kDmaWrite, 0x1000, 4, 5), uint32_t{EINVAL});
  EXPECT_EQ(serve(Command::kDmaRead, 0x1000, kMaxTransfer + 1), uint32_t{EINVAL});
  EXPECT_EQ(serve(Command::kDmaRead, 0x1000, UINT64_MAX), uint32_t{EINVAL});
  EXPECT_EQ(serve(Command::kRegionRead, 0x1000, 4), uint32_t{EOPNOTSUPP});
  EXPECT_EQ(serve_dma({.command = static_cast<uint16_t>(Command::kDmaRead)},
                      std::array<std::byte, 15>{}, table, reply),
            uint32_t{EINVAL});
}

}  // namespace
}  // namespace lintel::passthrough::user
