// SPDX-License-Identifier: Apache-2.0
// Where the control sockets of running machines are: NAME.sock in one folder for each user.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vmm/base/unique_fd.h"

namespace lintel::api {

// "/run/lintel" for root, else "lintel" below $XDG_RUNTIME_DIR; empty if there is neither.
std::string default_folder();

// Throws Error for a name that is no file's, or is too long for a socket's address.
std::string socket_path(const std::string& folder, const std::string& name);

// The machines whose socket somebody listens at, sorted.
std::vector<std::string> running_machines(const std::string& folder);

// A connection, blocking. Throws Error with the errno (ECONNREFUSED, ENOENT: nobody listens).
UniqueFd connect_to(const std::string& path);

// A listening socket that only its user can connect to, and its file.
class SocketFile {
 public:
  // Makes the folder if it has to. Replaces a socket that nobody listens at any more; throws Error,
  // with the errno EADDRINUSE, if somebody does.
  SocketFile(const std::string& folder, const std::string& name);
  // Removes the file, unless it is somebody else's by now.
  ~SocketFile();
  SocketFile(const SocketFile&) = delete;
  SocketFile& operator=(const SocketFile&) = delete;

  int fd() const { return socket_.get(); }
  const std::string& path() const { return path_; }

 private:
  const std::string folder_;
  const std::string path_;
  UniqueFd socket_;
  uint64_t device_ = 0;
  uint64_t inode_ = 0;
};

}  // namespace lintel::api
