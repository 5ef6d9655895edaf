// SPDX-License-Identifier: Apache-2.0
// Where a guest's console can be on the host. Output never blocks a guest for good; fd_writer.h
// says what happens when nobody reads. The process ignores SIGPIPE.
//
// Every console keeps references to its event loop, which must outlive it, and may be constructed
// and destroyed on any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "vmm/base/event_loop.h"
#include "vmm/devices/byte_sink.h"
#include "vmm/devices/fd_writer.h"

namespace lintel {

struct StdioConsoleOptions {
  int input = 0;
  int output = 1;
  // The user typed Ctrl-a x. Called on the loop's thread.
  std::function<void()> on_quit;
  // The escapes of escape_filter.h are for people: input that is not a terminal passes unchanged
  // unless this is set.
  bool escape_without_terminal = false;
  FdWriter::Options writer;
};

// The process's own input and output, which stay open. A terminal becomes raw until destruction;
// one whose foreground another process has is not read at all.
std::unique_ptr<ConsoleIo> make_stdio_console(EventLoop& loop, StdioConsoleOptions options);

// Output alone, to a file that is made or emptied. Throws Error.
std::unique_ptr<ConsoleIo> make_file_console(EventLoop& loop, const std::string& path);

// A new pseudo-terminal. `announce` gets its path before the return. Throws Error.
std::unique_ptr<ConsoleIo> make_pty_console(
    EventLoop& loop, const std::function<void(const std::string& path)>& announce);

// A unix stream socket that serves one client at a time; others are told so and sent away. Output
// without a client is lost, as on a serial cable that ends nowhere. The socket file is readable by
// its owner alone, and removed at the end. Throws Error, also if another process listens there.
std::unique_ptr<ConsoleIo> make_socket_console(EventLoop& loop, const std::string& path);

}  // namespace lintel
