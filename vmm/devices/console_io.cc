// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/console_io.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "vmm/base/error.h"
#include "vmm/base/unique_fd.h"
#include "vmm/devices/escape_filter.h"
#include "vmm/devices/input_pump.h"
#include "vmm/devices/terminal.h"

namespace lintel {
namespace {

constexpr const char* kWhat = "console output";

// What all consoles have in common: an output, and an input that comes and goes.
class FdConsole : public ConsoleIo {
 public:
  FdConsole(EventLoop& loop, const FdWriter::Options& options)
      : loop_(loop), writer_(loop, kWhat, options) {
    loop_.run_sync([this] {
      loop_.add(room_.get(), EPOLLIN, [this](uint32_t) {
        room_.consume();
        if (pump_) pump_->resume();
      });
    });
  }

  ~FdConsole() override { stop_input(); }

  void output(std::span<const std::byte> bytes) override { writer_.write(bytes); }

  void attach(ByteReceiver* receiver) override {
    loop_.run_sync([this, receiver] { receiver_ = receiver; });
    // Input that waited for a receiver goes out from the loop, not from here: a receiver attaches
    // itself before it is complete.
    input_room();
  }

  void input_room() override { room_.signal(); }

 protected:
  // Every derived class's destructor calls this first: the hooks of `read_from` refer to it.
  void stop_input() {
    loop_.run_sync([this] {
      loop_.remove(room_.get());
      pump_.reset();
    });
  }

  // On the loop's thread, or inside `run_sync`. Starts with the next `input_room`.
  void read_from(UniqueFd fd, InputPump::Hooks hooks) {
    hooks.deliver = [this](std::span<const std::byte> bytes) {
      return receiver_ != nullptr ? receiver_->receive(bytes) : 0;
    };
    pump_ = std::make_unique<InputPump>(loop_, std::move(fd), std::move(hooks));
    input_room();
  }

  EventLoop& loop_;
  FdWriter writer_;
  std::unique_ptr<InputPump> pump_;  // the loop's thread only

 private:
  EventFd room_;
  ByteReceiver* receiver_ = nullptr;  // the loop's thread only
};

class StdioConsole final : public FdConsole {
 public:
  StdioConsole(EventLoop& loop, StdioConsoleOptions options)
      : FdConsole(loop, options.writer), on_quit_(std::move(options.on_quit)) {
    loop_.run_sync([&] {
      writer_.open(FdWriter::share(options.output));
      output_ = options.output;
      const bool terminal = isatty(options.input) != 0;
      if (terminal && !is_foreground_terminal(options.input)) return;
      if (terminal) terminal_.emplace(options.input);
      InputPump::Hooks hooks;
      if (terminal || options.escape_without_terminal) {
        hooks.filter = [this](std::span<const std::byte> typed) { return filter(typed); };
      }
      read_from(duplicate_fd(options.input), std::move(hooks));
    });
  }

  ~StdioConsole() override { stop_input(); }

  std::optional<TerminalSize> terminal_size() const override {
    return lintel::terminal_size(output_);
  }

 private:
  std::vector<std::byte> filter(std::span<const std::byte> typed) {
    EscapeFilter::Result result = escape_.feed(typed);
    if (result.help) {
      const std::string_view help = EscapeFilter::kHelp;
      output(std::as_bytes(std::span(help)));
    }
    if (result.quit && on_quit_) on_quit_();
    return std::move(result.keys);
  }

  const std::function<void()> on_quit_;
  int output_ = -1;
  EscapeFilter escape_;
  std::optional<RawTerminal> terminal_;
};

class FileConsole final : public FdConsole {
 public:
  FileConsole(EventLoop& loop, const std::string& path) : FdConsole(loop, {}) {
    UniqueFd fd = open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_NONBLOCK, 0644);
    loop_.run_sync([&] { writer_.open(std::move(fd)); });
  }
};

class PtyConsole final : public FdConsole {
 public:
  PtyConsole(EventLoop& loop, const std::function<void(const std::string&)>& announce)
      : FdConsole(loop, {}), master_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) {
    if (!master_) throw_errno(errno, "Cannot open a pseudo-terminal");
    std::array<char, 128> path{};
    if (grantpt(master_.get()) != 0 || unlockpt(master_.get()) != 0 ||
        ptsname_r(master_.get(), path.data(), path.size()) != 0) {
      throw_errno(errno, "Cannot set a pseudo-terminal up");
    }
    // Kept open: without any user of the other side, the kernel reports a hang-up without end.
    other_side_ = open_file(path.data(), O_RDWR | O_NOCTTY);
    make_raw();
    loop_.run_sync([this] {
      writer_.open(duplicate_fd(master_.get()));
      read_from(duplicate_fd(master_.get()), {});
    });
    announce(path.data());
  }

  ~PtyConsole() override { stop_input(); }

  std::optional<TerminalSize> terminal_size() const override {
    return lintel::terminal_size(master_.get());
  }

 private:
  void make_raw() {
    termios settings{};
    if (tcgetattr(other_side_.get(), &settings) == 0) {
      cfmakeraw(&settings);
      tcsetattr(other_side_.get(), TCSANOW, &settings);
    }
  }

  UniqueFd master_;
  UniqueFd other_side_;
};

sockaddr_un socket_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    throw_error("Cannot listen on the unix socket '{}': its path must have 1 to {} bytes", path,
                sizeof address.sun_path - 1);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// A socket file whose listener died stays behind and would be in the way.
void remove_stale_socket(const std::string& path, const sockaddr_un& address) {
  struct stat status{};
  if (lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const UniqueFd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (connect(probe.get(), generic, sizeof address) != 0 && errno == ECONNREFUSED) {
    unlink(path.c_str());
  }
}

UniqueFd listen_on(const std::string& path) {
  const sockaddr_un address = socket_address(path);
  remove_stale_socket(path, address);
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // The mode must be right from the first moment: on Linux bind(2) takes it from the descriptor.
  if (!fd || fchmod(fd.get(), 0600) != 0 ||
      bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(fd.get(), 8) != 0) {
    throw_errno(errno, "Cannot listen on the unix socket {}", path);
  }
  return fd;
}

class SocketConsole final : public FdConsole {
 public:
  SocketConsole(EventLoop& loop, std::string path)
      : FdConsole(loop, {}), path_(std::move(path)), listener_(listen_on(path_)) {
    loop_.run_sync(
        [this] { loop_.add(listener_.get(), EPOLLIN, [this](uint32_t) { accept_client(); }); });
  }

  ~SocketConsole() override {
    stop_input();
    loop_.run_sync([this] { loop_.remove(listener_.get()); });
    unlink(path_.c_str());
  }

 private:
  void accept_client() {
    UniqueFd client(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client) return;
    if (pump_) {
      constexpr std::string_view kBusy = "Another client uses this console.\r\n";
      send(client.get(), kBusy.data(), kBusy.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      return;
    }
    writer_.open(duplicate_fd(client.get()));
    read_from(std::move(client), {.filter = {}, .deliver = {}, .ended = [this] { drop_client(); }});
  }

  void drop_client() {
    writer_.close();
    pump_.reset();
  }

  const std::string path_;
  UniqueFd listener_;
};

}  // namespace

std::unique_ptr<ConsoleIo> make_stdio_console(EventLoop& loop, StdioConsoleOptions options) {
  return std::make_unique<StdioConsole>(loop, std::move(options));
}

std::unique_ptr<ConsoleIo> make_file_console(EventLoop& loop, const std::string& path) {
  return std::make_unique<FileConsole>(loop, path);
}

std::unique_ptr<ConsoleIo> make_pty_console(
    EventLoop& loop, const std::function<void(const std::string& path)>& announce) {
  return std::make_unique<PtyConsole>(loop, announce);
}

std::unique_ptr<ConsoleIo> make_socket_console(EventLoop& loop, const std::string& path) {
  return std::make_unique<SocketConsole>(loop, path);
}

}  // namespace lintel
