// SPDX-License-Identifier: Apache-2.0
// Serves requests on a listening socket from an event loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "vmm/api/http.h"
#include "vmm/base/event_loop.h"

namespace lintel::api {

// Threads: the loop's, or before it runs.
class Server {
 public:
  // Called once, at once or later, on the loop's thread; nothing happens if who asked is gone, or
  // the server.
  using Answer = std::function<void(Response)>;
  using Handler = std::function<void(const Request&, Answer)>;

  struct Limits {
    size_t connections = 16;               // further ones wait until one ends
    std::chrono::milliseconds io{10'000};  // to send a request, and to take its answer
  };

  // Accepts on `listener`, a non-blocking socket of the caller's.
  Server(EventLoop& loop, int listener, Handler handler)
      : Server(loop, listener, std::move(handler), Limits{}) {}
  Server(EventLoop& loop, int listener, Handler handler, Limits limits);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

 private:
  class Connection;

  void accept_one();
  void listen_if_room();
  void close(int fd);
  void ready(const std::shared_ptr<Connection>& connection, uint32_t events);

  EventLoop& loop_;
  const int listener_;
  const Handler handler_;
  const Limits limits_;
  std::map<int, std::shared_ptr<Connection>> connections_;  // by descriptor
  uint64_t retry_ = 0;  // the timer of another try to accept; 0: none
};

}  // namespace lintel::api
