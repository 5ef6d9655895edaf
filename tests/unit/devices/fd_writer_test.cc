// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/fd_writer.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "vmm/base/error.h"

namespace lintel {
namespace {

std::span<const std::byte> view(std::string_view text) {
  return std::as_bytes(std::span(text));
}

struct Pipe {
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw_errno(errno, "Cannot make a pipe");
    read_end = UniqueFd(ends[0]);
    write_end = UniqueFd(ends[1]);
  }
  UniqueFd read_end;
  UniqueFd write_end;
};

std::string read_until_end(int fd) {
  std::string text;
  char buffer[4096];
  ssize_t count = 0;
  while ((count = ::read(fd, buffer, sizeof buffer)) > 0) {
    text.append(buffer, static_cast<size_t>(count));
  }
  return text;
}

std::string pattern(size_t size) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 23);
  return text;
}

class FdWriterTest : public testing::Test {
 protected:
  void SetUp() override { signal(SIGPIPE, SIG_IGN); }
  EventLoopThread thread{"test-loop", [](std::exception_ptr) { abort(); }};
  EventLoop& loop = thread.loop();
};

TEST_F(FdWriterTest, Bytes_are_out_when_write_returns) {
  Pipe pipe;
  FdWriter writer(loop, "test", {});
  loop.run_sync([&] { writer.open(FdWriter::share(pipe.write_end.get())); });
  writer.write(view("now"));
  char buffer[8];
  EXPECT_EQ(::read(pipe.read_end.get(), buffer, sizeof buffer), 3);
}

TEST_F(FdWriterTest, Sharing_a_pipe_leaves_the_other_users_descriptor_blocking) {
  Pipe pipe;
  const UniqueFd shared = FdWriter::share(pipe.write_end.get());
  EXPECT_EQ(fcntl(pipe.write_end.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(fcntl(shared.get(), F_GETFL) & O_NONBLOCK, 0);
}

// More than the pipe and the buffer hold together: nothing is lost while somebody reads.
TEST_F(FdWriterTest, Reader_that_keeps_reading_gets_everything) {
  Pipe pipe;
  const std::string text = pattern(1 << 20);
  std::string got;
  std::thread reader([&] { got = read_until_end(pipe.read_end.get()); });
  uint64_t dropped = 0;
  {
    FdWriter writer(loop, "test", {.buffer_limit = 64 * 1024, .patience = std::chrono::hours(1)});
    loop.run_sync([&] { writer.open(FdWriter::share(pipe.write_end.get())); });
    pipe.write_end.reset();
    std::string_view left = text;
    while (!left.empty()) {
      const auto part = left.substr(0, 1000);
      writer.write(view(part));
      left.remove_prefix(part.size());
    }
    dropped = writer.dropped();
  }
  reader.join();
  EXPECT_EQ(dropped, 0u);
  EXPECT_TRUE(got == text);
}

TEST_F(FdWriterTest, Reader_that_does_not_read_costs_bytes_but_not_the_writer) {
  Pipe pipe;
  const std::string text = pattern(1 << 20);
  constexpr size_t kLimit = 4096;
  uint64_t dropped = 0;
  {
    FdWriter writer(loop, "test",
                    {.buffer_limit = kLimit, .patience = std::chrono::milliseconds(0)});
    loop.run_sync([&] { writer.open(FdWriter::share(pipe.write_end.get())); });
    writer.write(view(text));
    writer.write(view(text));
    dropped = writer.dropped();
    EXPECT_GE(dropped, 2 * text.size() - fcntl(pipe.write_end.get(), F_GETPIPE_SZ) - kLimit);
  }
  pipe.write_end.reset();
  const std::string got = read_until_end(pipe.read_end.get());
  // What did come is the beginning, without holes.
  EXPECT_TRUE(text.starts_with(got));
}

TEST_F(FdWriterTest, Reader_that_comes_back_gets_new_output) {
  Pipe pipe;
  FdWriter writer(loop, "test", {.buffer_limit = 4096, .patience = std::chrono::milliseconds(0)});
  loop.run_sync([&] { writer.open(FdWriter::share(pipe.write_end.get())); });
  writer.write(view(pattern(1 << 20)));
  const uint64_t dropped = writer.dropped();
  EXPECT_GT(dropped, 0u);
  // Empties the pipe; the loop fills it with the rest of the buffer.
  const size_t kept = (1 << 20) - dropped;
  std::string got;
  char buffer[4096];
  while (got.size() < kept) {
    const ssize_t count = ::read(pipe.read_end.get(), buffer, sizeof buffer);
    ASSERT_GT(count, 0);
    got.append(buffer, static_cast<size_t>(count));
  }
  writer.write(view("again"));
  ASSERT_EQ(::read(pipe.read_end.get(), buffer, sizeof buffer), 5);
  EXPECT_EQ(std::string_view(buffer, 5), "again");
  EXPECT_EQ(writer.dropped(), dropped);
}

TEST_F(FdWriterTest, Blocking_descriptor_of_unknown_kind_is_never_waited_for) {
  Pipe pipe;
  FdWriter writer(loop, "test", {.buffer_limit = 4096, .patience = std::chrono::milliseconds(0)});
  // Not shared: the blocking end itself.
  loop.run_sync([&] { writer.open(duplicate_fd(pipe.write_end.get())); });
  writer.write(view(pattern(1 << 20)));
  EXPECT_GT(writer.dropped(), 0u);
}

TEST_F(FdWriterTest, Reader_that_left_ends_the_output_quietly) {
  Pipe pipe;
  FdWriter writer(loop, "test", {});
  loop.run_sync([&] { writer.open(FdWriter::share(pipe.write_end.get())); });
  pipe.read_end.reset();
  writer.write(view("lost"));
  writer.write(view("lost"));
  EXPECT_EQ(writer.dropped(), 0u);
}

TEST_F(FdWriterTest, Rest_of_the_buffer_is_written_before_destruction) {
  Pipe pipe;
  const std::string text = pattern(512 * 1024);
  std::string got;
  std::thread reader;
  {
    FdWriter writer(loop, "test", {.buffer_limit = 1 << 20, .patience = std::chrono::hours(1)});
    loop.run_sync([&] { writer.open(FdWriter::share(pipe.write_end.get())); });
    pipe.write_end.reset();
    writer.write(view(text));  // more than the pipe holds; nobody reads yet
    reader = std::thread([&] { got = read_until_end(pipe.read_end.get()); });
  }
  reader.join();
  EXPECT_TRUE(got == text);
}

TEST_F(FdWriterTest, Regular_file_continues_at_the_shared_position) {
  UniqueFd file(memfd_create("log", MFD_CLOEXEC));
  ASSERT_EQ(::write(file.get(), "shell\n", 6), 6);
  FdWriter writer(loop, "test", {});
  loop.run_sync([&] { writer.open(FdWriter::share(file.get())); });
  writer.write(view("guest\n"));
  ASSERT_EQ(::write(file.get(), "shell\n", 6), 6);
  std::string text(18, '\0');
  read_exactly(file.get(), std::as_writable_bytes(std::span(text)), 0);
  EXPECT_EQ(text, "shell\nguest\nshell\n");
}

TEST_F(FdWriterTest, Full_disk_drops_and_counts) {
  FdWriter writer(loop, "test", {});
  loop.run_sync([&] { writer.open(open_file("/dev/full", O_WRONLY)); });
  writer.write(view(pattern(3 << 20)));
  writer.write(view(pattern(1 << 20)));
  EXPECT_GT(writer.dropped(), 0u);
}

TEST_F(FdWriterTest, Without_a_target_output_goes_nowhere) {
  FdWriter writer(loop, "test", {});
  writer.write(view("nobody"));
  EXPECT_EQ(writer.dropped(), 0u);
}

}  // namespace
}  // namespace lintel
