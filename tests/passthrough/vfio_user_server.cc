// SPDX-License-Identifier: Apache-2.0
// A vfio-user server for end-to-end runs: serves a CopyDevice (tests/fakes/copy_device.h) to one
// client after another.
//
//     vfio_user_server [--twin-socket] [--once] SOCKET
//
// Writes "ready" when it listens. With --once it ends with its first client. An old socket at that
// path is replaced.
#include "tests/fakes/vfio_user_server.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "vmm/base/error.h"
#include "vmm/base/unique_fd.h"

namespace lintel {
namespace {

struct Arguments {
  bool twin_socket = false;
  bool once = false;
  std::string path;
};

bool parse(int count, char** values, Arguments& arguments) {
  for (int i = 1; i < count; ++i) {
    const std::string_view value = values[i];
    if (value == "--twin-socket") {
      arguments.twin_socket = true;
    } else if (value == "--once") {
      arguments.once = true;
    } else if (value.starts_with("-") || !arguments.path.empty()) {
      return false;
    } else {
      arguments.path = value;
    }
  }
  return !arguments.path.empty();
}

UniqueFd listen_at(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw_error("{} is too long for a socket", path);
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  unlink(path.c_str());
  if (!listener ||
      bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener.get(), 1) != 0) {
    throw_errno(errno, "Cannot listen at {}", path);
  }
  return listener;
}

void serve(const Arguments& arguments) {
  const UniqueFd listener = listen_at(arguments.path);
  std::puts("ready");
  std::fflush(stdout);
  do {
    UniqueFd client(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client) throw_errno(errno, "Cannot accept");
    VfioUserServer({.twin_socket = arguments.twin_socket}).serve(std::move(client));
  } while (!arguments.once);
}

}  // namespace
}  // namespace lintel

int main(int argc, char** argv) {
  lintel::Arguments arguments;
  if (!lintel::parse(argc, argv, arguments)) {
    std::fputs("usage: vfio_user_server [--twin-socket] [--once] SOCKET\n", stderr);
    return 2;
  }
  try {
    lintel::serve(arguments);
  } catch (const lintel::Error& error) {
    std::fprintf(stderr, "%s\n", error.describe().c_str());
    return 1;
  }
  return 0;
}
