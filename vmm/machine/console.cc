// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/console.h"

#include <utility>

#include "vmm/base/log.h"
#include "vmm/devices/console_io.h"

namespace lintel {

std::unique_ptr<ConsoleIo> make_console(const config::ConsoleConfig& config, EventLoop& loop,
                                        std::function<void()> quit) {
  if (config.type == config::ConsoleType::kNone) return std::make_unique<NullConsole>();
  switch (config.mode) {
    case config::ConsoleMode::kStdio: {
      StdioConsoleOptions options;
      options.on_quit = std::move(quit);
      return make_stdio_console(loop, std::move(options));
    }
    case config::ConsoleMode::kFile: return make_file_console(loop, config.path);
    case config::ConsoleMode::kPty:
      // Whoever started us must learn the name, whatever the log level.
      return make_pty_console(loop, [](const std::string& path) {
        log::write(log::Level::kError, "The console is on " + path);
      });
    case config::ConsoleMode::kSocket: return make_socket_console(loop, config.path);
    case config::ConsoleMode::kOff: break;
  }
  return std::make_unique<NullConsole>();
}

}  // namespace lintel
