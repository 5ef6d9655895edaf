// SPDX-License-Identifier: Apache-2.0
// The user's terminal while a guest has it.
#pragma once

#include <termios.h>

#include <csignal>
#include <optional>
#include <vector>

#include "vmm/base/unique_fd.h"
#include "vmm/devices/byte_sink.h"

namespace lintel {

// Every key goes to the guest, until destruction: no line editing, no echo, no signals. Output
// processing stays on, so that lines of the log do not run down the screen like stairs.
//
// The old settings come back on every way out that a process can act on: the destructor, and the
// signals that kill a process with a bug (those that the process has no handler of its own for).
// There is one at a time, for the terminal belongs to the process, as its signal handlers do.
class RawTerminal {
 public:
  // `fd` is a terminal. Throws Error.
  explicit RawTerminal(int fd);
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

  // For signal handlers: puts the settings back if some RawTerminal exists. Async-signal-safe.
  static void restore() noexcept;

 private:
  UniqueFd fd_;
  std::vector<int> handled_;  // signals whose handlers are ours
};

// None if the descriptor is not a terminal.
std::optional<TerminalSize> terminal_size(int fd);

// True for a terminal that may be read and set up: a process in the background is stopped if it
// tries (POSIX General Terminal Interface, 11.1.4).
bool is_foreground_terminal(int fd);

}  // namespace lintel
