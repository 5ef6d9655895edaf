// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/unique_fd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <gtest/gtest.h>

#include "vmm/base/error.h"
#include "vmm/base/mmap_region.h"

namespace lintel {
namespace {

bool is_open(int fd) {
  return fcntl(fd, F_GETFD) >= 0;
}

UniqueFd memory_file(std::string_view content) {
  UniqueFd fd(memfd_create("test", MFD_CLOEXEC));
  write_exactly(fd.get(), std::as_bytes(std::span(content)), 0);
  return fd;
}

TEST(UniqueFd, Closes_once_and_moves) {
  UniqueFd first = memory_file("");
  const int number = first.get();
  UniqueFd second = std::move(first);
  EXPECT_TRUE(is_open(number));
  EXPECT_EQ(second.get(), number);
  UniqueFd other = memory_file("");
  const int replaced = other.get();
  other = std::move(second);
  EXPECT_FALSE(is_open(replaced));
  EXPECT_TRUE(is_open(number));
  other.reset();
  EXPECT_FALSE(is_open(number));
  EXPECT_FALSE(static_cast<bool>(other));
}

TEST(UniqueFd, Released_descriptor_stays_open) {
  UniqueFd fd = memory_file("");
  const int number = fd.release();
  EXPECT_FALSE(static_cast<bool>(fd));
  EXPECT_TRUE(is_open(number));
  ::close(number);
}

TEST(UniqueFd, Duplicate_is_independent_and_closed_on_exec) {
  UniqueFd fd = memory_file("x");
  const UniqueFd copy = duplicate_fd(fd.get());
  fd.reset();
  EXPECT_TRUE(is_open(copy.get()));
  EXPECT_NE(fcntl(copy.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(Files, Missing_file_is_an_error_with_its_path) {
  try {
    open_file("/no/such/file", O_RDONLY);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "Cannot open /no/such/file");
    EXPECT_EQ(error.errno_value(), ENOENT);
  }
}

TEST(Files, Whole_file_is_read_up_to_its_limit) {
  const UniqueFd fd = memory_file("12345");
  const std::string path = "/proc/self/fd/" + std::to_string(fd.get());
  EXPECT_EQ(read_whole_file(path), "12345");
  EXPECT_EQ(read_whole_file(path, 5), "12345");
  EXPECT_THROW(read_whole_file(path, 4), Error);
  EXPECT_EQ(file_size(fd.get()), 5u);
}

TEST(Files, Reading_beyond_the_end_is_an_error) {
  const UniqueFd fd = memory_file("12345");
  std::array<std::byte, 4> buffer;
  EXPECT_NO_THROW(read_exactly(fd.get(), buffer, 1));
  EXPECT_EQ(buffer[0], std::byte{'2'});
  EXPECT_THROW(read_exactly(fd.get(), buffer, 2), Error);
}

TEST(EventFd, Counts_signals_into_one_consumption) {
  EventFd event;
  EXPECT_FALSE(event.consume());
  event.signal();
  event.signal();
  EXPECT_TRUE(event.consume());
  EXPECT_FALSE(event.consume());
}

TEST(MmapRegion, Anonymous_memory_is_aligned_zeroed_and_writable_to_its_end) {
  constexpr size_t kAlignment = 2 << 20;
  const MmapRegion region = MmapRegion::anonymous(3 << 12, kAlignment);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(region.data()) % kAlignment, 0u);
  EXPECT_EQ(region.size(), 3u << 12);
  EXPECT_EQ(region.bytes().back(), std::byte{0});
  std::memset(region.data(), 0x5a, region.size());
  EXPECT_EQ(region.bytes().back(), std::byte{0x5a});
}

TEST(MmapRegion, Moving_empties_the_source) {
  MmapRegion first = MmapRegion::anonymous(4096, 4096);
  std::byte* const address = first.data();
  MmapRegion second = std::move(first);
  EXPECT_FALSE(static_cast<bool>(first));  // NOLINT(bugprone-use-after-move): the point
  EXPECT_EQ(second.data(), address);
}

}  // namespace
}  // namespace lintel
