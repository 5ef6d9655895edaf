// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/console_io.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/devices/pty.h"
#include "vmm/base/error.h"
#include "vmm/base/sync.h"

namespace lintel {
namespace {

std::span<const std::byte> view(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// Takes as much as the test allows, and lets the test wait for it.
class Receiver final : public ByteReceiver {
 public:
  size_t receive(std::span<const std::byte> bytes) override {
    MutexLock lock(mutex_);
    const size_t taken = std::min(bytes.size(), room_);
    got_.append(reinterpret_cast<const char*>(bytes.data()), taken);
    room_ -= taken;
    changed_.notify_all();
    return taken;
  }
  void set_room(size_t room) {
    MutexLock lock(mutex_);
    room_ = room;
  }
  std::string wait_for(size_t count) {
    MutexLock lock(mutex_);
    while (got_.size() < count) changed_.wait(mutex_);
    return got_;
  }
  std::string got() {
    MutexLock lock(mutex_);
    return got_;
  }

 private:
  Mutex mutex_;
  Condition changed_;
  std::string got_ GUARDED_BY(mutex_);
  size_t room_ GUARDED_BY(mutex_) = SIZE_MAX;
};

std::string read_bytes(int fd, size_t count) {
  std::string text;
  char buffer[256];
  while (text.size() < count) {
    const ssize_t got = ::read(fd, buffer, std::min(sizeof buffer, count - text.size()));
    if (got <= 0) break;
    text.append(buffer, static_cast<size_t>(got));
  }
  return text;
}

void write_text(int fd, std::string_view text) {
  ASSERT_EQ(::write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

class ConsoleIoTest : public testing::Test {
 protected:
  ConsoleIoTest() {
    signal(SIGPIPE, SIG_IGN);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) abort();
    input_read = UniqueFd(ends[0]);
    input_write = UniqueFd(ends[1]);
    if (pipe2(ends, O_CLOEXEC) != 0) abort();
    output_read = UniqueFd(ends[0]);
    output_write = UniqueFd(ends[1]);
    std::string pattern = testing::TempDir() + "lintel-console-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) abort();
    directory = pattern;
  }
  ~ConsoleIoTest() override { std::filesystem::remove_all(directory); }

  // Returns when the loop has handled what was ready before the call.
  void settle() {
    for (int i = 0; i < 3; ++i) loop.run_sync([] {});
  }

  EventLoopThread thread{"test-loop", [](std::exception_ptr) { abort(); }};
  EventLoop& loop = thread.loop();
  UniqueFd input_read, input_write, output_read, output_write;
  std::string directory;
  Receiver receiver;
};

TEST_F(ConsoleIoTest, Stdio_without_a_terminal_passes_bytes_both_ways) {
  auto console = make_stdio_console(
      loop, {.input = input_read.get(), .output = output_write.get(), .on_quit = {}, .writer = {}});
  console->attach(&receiver);
  write_text(input_write.get(), "in\x01x");
  EXPECT_EQ(receiver.wait_for(4), "in\x01x");
  console->output(view("out"));
  EXPECT_EQ(read_bytes(output_read.get(), 3), "out");
  EXPECT_EQ(console->terminal_size(), std::nullopt);
  console->attach(nullptr);
}

TEST_F(ConsoleIoTest, Stdio_input_before_a_receiver_waits_for_one) {
  auto console = make_stdio_console(
      loop, {.input = input_read.get(), .output = output_write.get(), .on_quit = {}, .writer = {}});
  write_text(input_write.get(), "early");
  settle();
  console->attach(&receiver);
  EXPECT_EQ(receiver.wait_for(5), "early");
  console->attach(nullptr);
}

TEST_F(ConsoleIoTest, Stdio_input_goes_on_when_the_receiver_has_room_again) {
  auto console = make_stdio_console(
      loop, {.input = input_read.get(), .output = output_write.get(), .on_quit = {}, .writer = {}});
  receiver.set_room(3);
  console->attach(&receiver);
  write_text(input_write.get(), "abcdef");
  EXPECT_EQ(receiver.wait_for(3), "abc");
  settle();
  EXPECT_EQ(receiver.got(), "abc");
  receiver.set_room(SIZE_MAX);
  console->input_room();
  EXPECT_EQ(receiver.wait_for(6), "abcdef");
  write_text(input_write.get(), "g");
  EXPECT_EQ(receiver.wait_for(7), "abcdefg");
  console->attach(nullptr);
}

TEST_F(ConsoleIoTest, Stdio_input_from_a_closed_pipe_is_delivered_whole) {
  auto console = make_stdio_console(
      loop, {.input = input_read.get(), .output = output_write.get(), .on_quit = {}, .writer = {}});
  receiver.set_room(2);
  write_text(input_write.get(), "bye");
  input_write.reset();
  console->attach(&receiver);
  EXPECT_EQ(receiver.wait_for(2), "by");
  receiver.set_room(2);
  console->input_room();
  EXPECT_EQ(receiver.wait_for(3), "bye");
  console->output(view("still"));
  EXPECT_EQ(read_bytes(output_read.get(), 5), "still");
  console->attach(nullptr);
}

TEST_F(ConsoleIoTest, Stdio_input_from_a_regular_file_is_delivered_whole) {
  UniqueFd file(memfd_create("script", MFD_CLOEXEC));
  const std::string script(10000, 's');
  write_exactly(file.get(), view(script), 0);
  auto console = make_stdio_console(
      loop, {.input = file.get(), .output = output_write.get(), .on_quit = {}, .writer = {}});
  receiver.set_room(5000);
  console->attach(&receiver);
  receiver.wait_for(5000);
  receiver.set_room(SIZE_MAX);
  console->input_room();
  EXPECT_EQ(receiver.wait_for(script.size()), script);
  console->attach(nullptr);
}

TEST_F(ConsoleIoTest, Stdio_on_a_terminal_is_raw_and_knows_the_escapes) {
  Pty pty;
  std::promise<void> quit;
  auto console = make_stdio_console(loop, {.input = pty.user.get(),
                                           .output = output_write.get(),
                                           .on_quit = [&] { quit.set_value(); },
                                           .writer = {}});
  console->attach(&receiver);
  termios settings{};
  ASSERT_EQ(tcgetattr(pty.user.get(), &settings), 0);
  EXPECT_EQ(settings.c_lflag & (ICANON | ECHO | ISIG), 0u);
  write_text(pty.other.get(), "\x03\x01\x01");  // Ctrl-c is the guest's
  EXPECT_EQ(receiver.wait_for(2), "\x03\x01");
  write_text(pty.other.get(), "\x01?");
  EXPECT_EQ(read_bytes(output_read.get(), 10), "\r\nCtrl-a x");
  write_text(pty.other.get(), "\x01x");
  quit.get_future().wait();
  console->attach(nullptr);
  console.reset();
  ASSERT_EQ(tcgetattr(pty.user.get(), &settings), 0);
  EXPECT_NE(settings.c_lflag & ICANON, 0u);
}

TEST_F(ConsoleIoTest, Stdio_escapes_without_a_terminal_when_asked) {
  std::promise<void> quit;
  auto console = make_stdio_console(loop, {.input = input_read.get(),
                                           .output = output_write.get(),
                                           .on_quit = [&] { quit.set_value(); },
                                           .escape_without_terminal = true,
                                           .writer = {}});
  console->attach(&receiver);
  write_text(input_write.get(), "\x01x");
  quit.get_future().wait();
  console->attach(nullptr);
}

TEST_F(ConsoleIoTest, File_gets_the_output_alone) {
  const std::string path = directory + "/console.log";
  {
    auto console = make_file_console(loop, path);
    console->attach(&receiver);
    console->output(view("one\n"));
    console->output(view("two\n"));
    console->input_room();
    console->attach(nullptr);
  }
  EXPECT_EQ(read_whole_file(path), "one\ntwo\n");
  EXPECT_THROW(make_file_console(loop, directory + "/no/such/directory"), Error);
}

TEST_F(ConsoleIoTest, Pty_passes_bytes_both_ways_and_survives_its_clients) {
  std::string path;
  auto console = make_pty_console(loop, [&](const std::string& announced) { path = announced; });
  console->attach(&receiver);
  for (int client = 0; client < 2; ++client) {
    const UniqueFd fd = open_file(path, O_RDWR | O_NOCTTY);
    console->output(view("login:\n"));
    EXPECT_EQ(read_bytes(fd.get(), 7), "login:\n");
    write_text(fd.get(), "root\r");
    receiver.wait_for(5 * static_cast<size_t>(client + 1));
  }
  EXPECT_EQ(receiver.got(), "root\rroot\r");
  console->attach(nullptr);
}

class SocketConsoleTest : public ConsoleIoTest {
 protected:
  UniqueFd connect_client() {
    UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return fd;
  }
  // Talks once, so that the console has certainly taken the client.
  UniqueFd connect_and_greet() {
    UniqueFd fd = connect_client();
    const size_t before = receiver.got().size();
    write_text(fd.get(), "!");
    receiver.wait_for(before + 1);
    return fd;
  }

  std::string path = directory + "/console.sock";
};

TEST_F(SocketConsoleTest, Client_gets_output_and_gives_input) {
  auto console = make_socket_console(loop, path);
  console->attach(&receiver);
  console->output(view("nobody hears this"));
  const UniqueFd client = connect_and_greet();
  console->output(view("hello"));
  EXPECT_EQ(read_bytes(client.get(), 5), "hello");
  console->attach(nullptr);
}

TEST_F(SocketConsoleTest, Second_client_is_sent_away) {
  auto console = make_socket_console(loop, path);
  console->attach(&receiver);
  const UniqueFd first = connect_and_greet();
  const UniqueFd second = connect_client();
  EXPECT_EQ(read_bytes(second.get(), 100), "Another client uses this console.\r\n");
  console->output(view("ok"));
  EXPECT_EQ(read_bytes(first.get(), 2), "ok");
  console->attach(nullptr);
}

TEST_F(SocketConsoleTest, Next_client_is_served_after_the_first_left) {
  auto console = make_socket_console(loop, path);
  console->attach(&receiver);
  connect_and_greet().reset();
  settle();
  const UniqueFd next = connect_and_greet();
  console->output(view("ok"));
  EXPECT_EQ(read_bytes(next.get(), 2), "ok");
  console->attach(nullptr);
}

TEST_F(SocketConsoleTest, Client_that_only_stopped_sending_still_gets_output) {
  auto console = make_socket_console(loop, path);
  console->attach(&receiver);
  const UniqueFd client = connect_and_greet();
  ASSERT_EQ(shutdown(client.get(), SHUT_WR), 0);
  settle();
  console->output(view("answer"));
  EXPECT_EQ(read_bytes(client.get(), 6), "answer");
  console->attach(nullptr);
}

TEST_F(SocketConsoleTest, What_a_client_sent_before_it_left_is_delivered) {
  auto console = make_socket_console(loop, path);
  receiver.set_room(0);
  console->attach(&receiver);
  {
    const UniqueFd client = connect_client();
    write_text(client.get(), "run");
  }
  settle();
  EXPECT_EQ(receiver.got(), "");
  receiver.set_room(SIZE_MAX);
  console->input_room();
  EXPECT_EQ(receiver.wait_for(3), "run");
  console->attach(nullptr);
}

TEST_F(SocketConsoleTest, Socket_file_is_private_and_removed_at_the_end) {
  {
    auto console = make_socket_console(loop, path);
    struct stat status{};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    EXPECT_THROW(make_socket_console(loop, path), Error);  // in use
    EXPECT_EQ(stat(path.c_str(), &status), 0);             // and left alone
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(SocketConsoleTest, Stale_socket_file_is_replaced_and_other_files_are_not) {
  {
    UniqueFd dead(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  EXPECT_NO_THROW(make_socket_console(loop, path));
  open_file(path, O_WRONLY | O_CREAT, 0600);
  EXPECT_THROW(make_socket_console(loop, path), Error);
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(SocketConsoleTest, Path_that_is_too_long_is_an_error) {
  EXPECT_THROW(make_socket_console(loop, std::string(200, 'p')), Error);
}

}  // namespace
}  // namespace lintel
