// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/terminal.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>

#include "vmm/base/error.h"
#include "vmm/base/unique_fd.h"

namespace lintel {
namespace {

constexpr std::array kFatalSignals = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGQUIT};

// What a signal handler needs. The descriptor is the last to be set and the first to be cleared.
struct {
  std::atomic<int> fd{-1};
  termios settings{};
} saved;
static_assert(std::atomic<int>::is_always_lock_free);

void on_fatal_signal(int signal) {
  RawTerminal::restore();
  // The default action is back (SA_RESETHAND) and strikes when this handler returns.
  raise(signal);
}

}  // namespace

RawTerminal::RawTerminal(int fd) : fd_(duplicate_fd(fd)) {
  if (saved.fd.load() >= 0) throw_error("Cannot set the terminal up: another console uses it");
  if (tcgetattr(fd_.get(), &saved.settings) != 0) {
    throw_errno(errno, "Cannot read the terminal's settings");
  }
  saved.fd.store(fd_.get());

  for (const int signal : kFatalSignals) {
    struct sigaction current{};
    sigaction(signal, nullptr, &current);
    if (current.sa_handler != SIG_DFL) continue;
    struct sigaction ours{};
    ours.sa_handler = on_fatal_signal;
    ours.sa_flags = static_cast<int>(SA_RESETHAND | SA_ONSTACK);
    sigaction(signal, &ours, nullptr);
    handled_.push_back(signal);
  }

  termios raw = saved.settings;
  cfmakeraw(&raw);
  raw.c_oflag = saved.settings.c_oflag;
  if (tcsetattr(fd_.get(), TCSANOW, &raw) != 0) {
    const int reason = errno;
    saved.fd.store(-1);
    throw_errno(reason, "Cannot set the terminal up");
  }
}

RawTerminal::~RawTerminal() {
  restore();
  saved.fd.store(-1);
  for (const int signal : handled_) ::signal(signal, SIG_DFL);
}

void RawTerminal::restore() noexcept {
  const int fd = saved.fd.load();
  if (fd < 0) return;
  const int errno_before = errno;
  // A process in the background is stopped when it changes the terminal, unless it blocks the
  // signal.
  sigset_t stop;
  sigset_t before;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTTOU);
  pthread_sigmask(SIG_BLOCK, &stop, &before);
  tcsetattr(fd, TCSANOW, &saved.settings);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = errno_before;
}

std::optional<TerminalSize> terminal_size(int fd) {
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) != 0) return std::nullopt;
  return TerminalSize{size.ws_col, size.ws_row};
}

bool is_foreground_terminal(int fd) {
  if (isatty(fd) == 0) return false;
  const pid_t foreground = tcgetpgrp(fd);
  // No answer: it does not control this process, so nothing stops it.
  return foreground < 0 || foreground == getpgrp();
}

}  // namespace lintel
