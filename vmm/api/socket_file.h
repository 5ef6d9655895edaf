// SPDX-License-Identifier: Apache-2.0
// Where the control sockets of running machines are: NAME.sock in the folder of
// vmm/base/run_folder.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vmm/base/unique_fd.h"

namespace lintel::api {

// Throws Error for a name that no machine can have, or that is too long for a socket's address.
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
