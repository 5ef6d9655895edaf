// SPDX-License-Identifier: Apache-2.0
// A CopyDevice that a thread serves at a socket: a fresh one for each who connects, one after the
// other.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "passthrough/user/protocol.h"
#include "tests/fakes/vfio_user_server.h"
#include "vmm/base/error.h"
#include "vmm/base/sync.h"
#include "vmm/base/unique_fd.h"

namespace lintel {

class ServedDevice {
 public:
  explicit ServedDevice(const std::string& name = "device", VfioUserServer::Options options = {})
      : options_(std::move(options)),
        path_(fmt::format("{}/lintel-{}-{}.sock", std::filesystem::temp_directory_path().string(),
                          name, getpid())) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    unlink(path_.c_str());
    listener_ = UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_.get(), 4) != 0) {
      throw_errno(errno, "Cannot listen at {}", path_);
    }
    thread_ = std::thread([this] { serve(); });
  }
  ServedDevice(const ServedDevice&) = delete;
  ServedDevice& operator=(const ServedDevice&) = delete;
  ~ServedDevice() {
    shutdown(listener_.get(), SHUT_RDWR);
    hang_up();
    thread_.join();
    unlink(path_.c_str());
  }

  const std::string& path() const { return path_; }
  void hang_up() {
    MutexLock lock(mutex_);
    if (current_ != nullptr) current_->stop();
  }
  // Whether somebody is connected.
  bool in_use() {
    MutexLock lock(mutex_);
    return current_ != nullptr;
  }
  // Reads of its regions, by who is connected now.
  unsigned reads() {
    MutexLock lock(mutex_);
    return current_ == nullptr ? 0 : current_->count(passthrough::user::Command::kRegionRead);
  }
  // How often it was reset, by all who connected.
  unsigned resets() {
    MutexLock lock(mutex_);
    return resets_ + resets_of(current_);
  }

 private:
  static unsigned resets_of(const VfioUserServer* server) {
    return server == nullptr
               ? 0
               : static_cast<unsigned>(server->count(passthrough::user::Command::kDeviceReset));
  }
  void serve() {
    for (;;) {
      UniqueFd client(accept(listener_.get(), nullptr, nullptr));
      if (!client) return;
      VfioUserServer server(options_);
      set_current(&server);
      server.serve(std::move(client));
      set_current(nullptr);
    }
  }
  void set_current(VfioUserServer* server) {
    MutexLock lock(mutex_);
    resets_ += resets_of(current_);
    current_ = server;
  }

  const VfioUserServer::Options options_;
  const std::string path_;
  UniqueFd listener_;
  Mutex mutex_;
  VfioUserServer* current_ GUARDED_BY(mutex_) = nullptr;
  unsigned resets_ GUARDED_BY(mutex_) = 0;  // of those before
  std::thread thread_;
};

}  // namespace lintel
