// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/sysfs_writer.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include <fmt/format.h>

#include "vmm/base/error.h"
#include "vmm/base/mmap_region.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough::host {

namespace {

// Between fork and exec or _exit only async-signal-safe calls may be made: another thread may hold
// the allocator's lock at the fork.
void close_all_but(int kept) {
  if (kept > 0) syscall(SYS_close_range, 0, static_cast<unsigned>(kept) - 1, 0);
  syscall(SYS_close_range, static_cast<unsigned>(kept) + 1, ~0U, 0);
}

// What the child exits with, or nothing if it is still running after the time. It is then left
// behind: in an uninterruptible sleep even SIGKILL waits, and init inherits it from us.
std::optional<int> wait_for(pid_t child, std::chrono::milliseconds time) {
  const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  if (process) {
    pollfd poll_fd{process.get(), POLLIN, 0};
    int ready = -1;
    do {
      ready = poll(&poll_fd, 1, static_cast<int>(time.count()));
    } while (ready < 0 && errno == EINTR);
    if (ready == 0) {
      kill(child, SIGKILL);
      return std::nullopt;
    }
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return ECHILD;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

}  // namespace

ForkingWriter::ForkingWriter(const Tree& tree, Options options)
    : tree_(tree), options_(std::move(options)) {}

void ForkingWriter::run_in_child(int file, const std::string& what,
                                 const std::function<int()>& call) {
  const pid_t child = fork();
  if (child < 0) throw_errno_message(errno, what);
  if (child == 0) {
    close_all_but(file);
    _exit(call());
  }
  const auto status = wait_for(child, options_.deadline);
  if (!status) {
    throw Error(
        what + fmt::format(": the driver has not answered for {} ms", options_.deadline.count()),
        ETIMEDOUT)
        .with_help(
            "something still uses the device: `lintel devices --users` and the host's "
            "kernel log may say what; it may let go later, or only when the host restarts");
  }
  if (*status != 0) throw_errno_message(*status, what);
}

void ForkingWriter::write(const std::string& path, std::string_view text) {
  const std::string what = fmt::format("Cannot write \"{}\" to {}", text, path);
  const UniqueFd file(open(tree_.at(path).c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  if (!file) throw_errno_message(errno, what);
  run_in_child(file.get(), what, [&] {
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    return written == static_cast<ssize_t>(text.size()) ? 0 : (written < 0 ? errno : EIO);
  });
}

std::string ForkingWriter::read(const std::string& path) {
  const std::string what = fmt::format("Cannot read {}", path);
  const UniqueFd file(open(tree_.at(path).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw_errno_message(errno, what);
  // The child's text, and zeroes behind it.
  constexpr size_t kPage = 4096;
  const MmapRegion page =
      MmapRegion::map(kPage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  run_in_child(file.get(), what,
               [&] { return ::read(file.get(), page.data(), kPage - 1) < 0 ? errno : 0; });
  return std::string(trimmed(reinterpret_cast<const char*>(page.data())));
}

void ForkingWriter::load_module(const std::string& name) {
  const pid_t child = fork();
  if (child < 0) throw_errno(errno, "Cannot start {}", options_.modprobe);
  if (child == 0) {
    const char* arguments[] = {options_.modprobe.c_str(), "-q", "--", name.c_str(), nullptr};
    const char* environment[] = {nullptr};
    syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
    execve(options_.modprobe.c_str(), const_cast<char* const*>(arguments),
           const_cast<char* const*>(environment));
    _exit(127);
  }
  const auto status = wait_for(child, options_.deadline);
  if (status == 0) return;
  const std::string what = fmt::format("Cannot load the kernel module {}", name);
  if (!status) throw Error(fmt::format("{}: modprobe does not return", what), ETIMEDOUT);
  throw Error(*status == 127 ? fmt::format("{}: there is no {}", what, options_.modprobe)
                             : fmt::format("{}: modprobe failed with status {}", what, *status))
      .with_help(fmt::format("`modprobe -v {}` says why; kernels without VFIO lack it", name));
}

}  // namespace lintel::passthrough::host
