// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <gtest/gtest.h>

#include "tests/unit/devices/pty.h"
#include "vmm/base/error.h"

namespace lintel {
namespace {

bool is_raw(int fd) {
  termios settings{};
  EXPECT_EQ(tcgetattr(fd, &settings), 0);
  return (settings.c_lflag & (ICANON | ECHO | ISIG)) == 0;
}

TEST(RawTerminal, Settings_come_back_on_destruction) {
  Pty pty;
  {
    RawTerminal raw(pty.user.get());
    EXPECT_TRUE(is_raw(pty.user.get()));
    termios settings{};
    tcgetattr(pty.user.get(), &settings);
    EXPECT_NE(settings.c_oflag & OPOST, 0u);  // log lines stay readable
  }
  EXPECT_FALSE(is_raw(pty.user.get()));
}

TEST(RawTerminal, Second_one_is_refused_and_the_first_stays) {
  Pty pty;
  RawTerminal raw(pty.user.get());
  EXPECT_THROW(RawTerminal(pty.user.get()), Error);
  EXPECT_TRUE(is_raw(pty.user.get()));
}

TEST(RawTerminal, Something_else_than_a_terminal_is_refused) {
  const UniqueFd null = open_file("/dev/null", O_RDWR);
  EXPECT_THROW(RawTerminal(null.get()), Error);
  Pty pty;
  EXPECT_NO_THROW(RawTerminal(pty.user.get()));
}

TEST(RawTerminal, Settings_come_back_when_a_signal_kills_the_process) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGQUIT}) {
    Pty pty;
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const rlimit no_core{0, 0};
      setrlimit(RLIMIT_CORE, &no_core);
      // A sanitizer's handler would come in the way.
      ::signal(signal, SIG_DFL);
      RawTerminal raw(pty.user.get());
      if (!is_raw(pty.user.get())) _exit(1);
      raise(signal);
      _exit(2);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << status;
    EXPECT_EQ(WTERMSIG(status), signal);
    EXPECT_FALSE(is_raw(pty.user.get()));
  }
}

TEST(TerminalSize, Is_the_terminals_or_none) {
  Pty pty;
  const winsize size{.ws_row = 25, .ws_col = 132, .ws_xpixel = 0, .ws_ypixel = 0};
  ASSERT_EQ(ioctl(pty.user.get(), TIOCSWINSZ, &size), 0);
  EXPECT_EQ(terminal_size(pty.user.get()), (TerminalSize{132, 25}));
  const UniqueFd null = open_file("/dev/null", O_RDWR);
  EXPECT_EQ(terminal_size(null.get()), std::nullopt);
}

}  // namespace
}  // namespace lintel
