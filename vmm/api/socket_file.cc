// SPDX-License-Identifier: Apache-2.0
#include "vmm/api/socket_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/base/run_folder.h"

namespace lintel::api {
namespace {

constexpr std::string_view kSuffix = ".sock";
constexpr int kBacklog = 16;

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof address.sun_path - 1));
  return address;
}

UniqueFd make_socket(int flags) {
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  if (!fd) throw_errno(errno, "Cannot create a unix socket");
  return fd;
}

bool somebody_listens(const std::string& path) {
  // Without waiting: a full queue has somebody before it.
  const UniqueFd fd = make_socket(SOCK_NONBLOCK);
  const sockaddr_un address = address_of(path);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return true;
  }
  return errno == EAGAIN;
}

// For the moment of looking and replacing.
UniqueFd lock_folder(const std::string& folder) {
  UniqueFd fd = open_file(folder, O_RDONLY | O_DIRECTORY);
  while (flock(fd.get(), LOCK_EX) != 0) {
    if (errno != EINTR) throw_errno(errno, "Cannot lock {}", folder);
  }
  return fd;
}

void remove_stale(const std::string& path, const std::string& name) {
  struct stat status{};
  if (lstat(path.c_str(), &status) != 0) return;
  if (!S_ISSOCK(status.st_mode)) throw_error("{} is there and is no socket", path);
  if (somebody_listens(path)) {
    throw Error(fmt::format("A machine with the name \"{}\" runs already", name), EADDRINUSE)
        .with_help(
            fmt::format("`lintel status {}` shows it; --set vm.name=OTHER gives this one another "
                        "name",
                        name));
  }
  if (unlink(path.c_str()) != 0) throw_errno(errno, "Cannot remove the stale socket {}", path);
}

}  // namespace

std::string socket_path(const std::string& folder, const std::string& name) {
  if (!can_name_machine(name)) {
    throw_error("\"{}\" is no name of a machine", name);
  }
  std::string path = fmt::format("{}/{}{}", folder, name, kSuffix);
  if (path.size() >= sizeof sockaddr_un::sun_path) {
    throw_error("{} is too long for a socket's path (at most {} bytes)", path,
                sizeof sockaddr_un::sun_path - 1);
  }
  return path;
}

std::vector<std::string> running_machines(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string file = entry.path().filename();
    if (!file.ends_with(kSuffix) || !somebody_listens(entry.path())) continue;
    names.push_back(file.substr(0, file.size() - kSuffix.size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

UniqueFd connect_to(const std::string& path) {
  UniqueFd fd = make_socket(0);
  const sockaddr_un address = address_of(path);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw_errno(errno, "Cannot connect to {}", path);
  }
  return fd;
}

SocketFile::SocketFile(const std::string& folder, const std::string& name)
    : folder_(folder), path_(socket_path(folder, name)), socket_(make_socket(SOCK_NONBLOCK)) {
  make_run_folder(folder);
  const UniqueFd lock = lock_folder(folder);
  remove_stale(path_, name);
  // The file gets the socket's mode (and the umask), so there is no moment at which it is open.
  if (fchmod(socket_.get(), 0600) != 0) throw_errno(errno, "Cannot protect {}", path_);
  const sockaddr_un address = address_of(path_);
  if (bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw_errno(errno, "Cannot make the control socket {}", path_);
  }
  struct stat status{};
  if (lstat(path_.c_str(), &status) != 0 || listen(socket_.get(), kBacklog) != 0) {
    throw_errno(errno, "Cannot listen at {}", path_);
  }
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

SocketFile::~SocketFile() {
  try {
    const UniqueFd lock = lock_folder(folder_);
    struct stat status{};
    if (lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_) {
      unlink(path_.c_str());
    }
  } catch (const Error& error) {
    log::warn("The control socket {} is left behind: {}", path_, error.describe());
  }
}

}  // namespace lintel::api
