// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/backend/passt.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "vmm/base/error.h"
#include "vmm/base/log.h"

namespace lintel::virtio {
namespace {

constexpr int kChildSocket = 3;
constexpr int kStartLimitMs = 10'000;

// How the program is started: in a session of its own, so that Ctrl-C at our terminal does not
// reach it, and with none of our signals blocked. Not by fork: that would copy the page tables of
// the guest's memory.
class SpawnSetup {
 public:
  SpawnSetup(int child_socket, int child_stderr) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, child_stderr, STDERR_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, child_socket, kChildSocket);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);

    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(
        &attributes_,
        static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID));
  }
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;

  pid_t spawn(std::vector<std::string> command) const {
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (std::string& argument : command) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    pid_t pid = 0;
    const int failure =
        posix_spawnp(&pid, arguments[0], &actions_, &attributes_, arguments.data(), environ);
    if (failure == 0) return pid;
    Error error(fmt::format("Cannot start {}: {}", command[0], errno_text(failure)), failure);
    if (failure != ENOENT) throw std::move(error);
    throw std::move(error).with_help(
        "install it (Debian: apt install passt), or set net.type to \"tap\" or \"none\"");
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// True if the process ends within the limit; if not, it is killed.
bool ends_in_time(pid_t pid) {
  const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!process) return true;  // the wait tells
  pollfd ended{.fd = process.get(), .events = POLLIN, .revents = 0};
  int ready = 0;
  do {
    ready = poll(&ended, 1, kStartLimitMs);
  } while (ready < 0 && errno == EINTR);
  if (ready == 0) kill(pid, SIGKILL);
  return ready != 0;
}

int wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

// What it said, without the lines that passt writes when there is no system log to write to.
std::string read_messages(int pipe) {
  std::string raw(8192, '\0');
  const ssize_t count = ::read(pipe, raw.data(), raw.size());
  raw.resize(count > 0 ? static_cast<size_t>(count) : 0);
  std::string messages;
  std::string_view rest = raw;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (line.empty() || line.ends_with("bytes to syslog")) continue;
    if (line.starts_with("Don't run as root")) continue;  // it changes to "nobody" by itself
    if (!messages.empty()) messages += "; ";
    messages += line;
  }
  return messages;
}

}  // namespace

std::vector<std::string> passt_arguments(const PasstOptions& options, int socket) {
  std::vector<std::string> arguments{options.program, "--quiet",
                                     "--fd",          std::to_string(socket),
                                     "--mtu",         std::to_string(options.mtu)};
  bool udp = false;
  for (const PasstOptions::Forward& forward : options.forwards) {
    const std::string address = forward.host_address.empty() ? "" : forward.host_address + "/";
    arguments.emplace_back(forward.udp ? "--udp-ports" : "--tcp-ports");
    arguments.push_back(fmt::format("{}{}:{}", address, forward.host_port, forward.guest_port));
    udp |= forward.udp;
  }
  // Unless told, passt forwards the UDP ports of the same numbers as the TCP ports, too.
  if (!udp) arguments.insert(arguments.end(), {"--udp-ports", "none"});
  return arguments;
}

UniqueFd start_passt(const PasstOptions& options) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw_errno(errno, "Cannot create a socket pair");
  }
  UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) throw_errno(errno, "Cannot create a pipe");
  const UniqueFd messages(ends[0]);
  UniqueFd child_stderr(ends[1]);

  // The process that we start checks its options, binds its ports and gives up its rights; then it
  // leaves a child behind in a PID namespace of its own and ends. So its status says how the start
  // went, and nothing is left for us to wait for.
  const pid_t pid =
      SpawnSetup(theirs.get(), child_stderr.get()).spawn(passt_arguments(options, kChildSocket));
  theirs.reset();
  child_stderr.reset();
  const bool in_time = ends_in_time(pid);
  const int status = wait_for(pid);
  const std::string said = read_messages(messages.get());
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    if (!said.empty()) log::info("passt: {}", said);
    return ours;
  }
  if (!in_time) throw_error("passt did not start within {} s", kStartLimitMs / 1000);
  Error error(fmt::format("passt did not start: {}", said.empty() ? "it does not say why" : said));
  if (said.find("Failed to bind") == std::string::npos) throw std::move(error);
  throw std::move(error).with_help(
      "another program has the port of net.forward, or it is below 1024 and needs root");
}

}  // namespace lintel::virtio
