// SPDX-License-Identifier: Apache-2.0
#include "vmm/api/server.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "vmm/api/reply.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/base/unique_fd.h"

namespace lintel::api {

// A request on its way in, then its answer on its way out.
class Server::Connection {
 public:
  explicit Connection(UniqueFd fd) : fd_(std::move(fd)) {}

  enum class Step { kWait, kRequest, kEnd };

  int fd() const { return fd_.get(); }
  const RequestReader& reader() const { return reader_; }

  Step receive() {
    std::array<char, 4096> bytes;
    const ssize_t count = recv(fd_.get(), bytes.data(), bytes.size(), 0);
    if (count < 0) return errno == EAGAIN || errno == EINTR ? Step::kWait : Step::kEnd;
    if (count == 0) return Step::kEnd;
    const auto state = reader_.feed({bytes.data(), static_cast<size_t>(count)});
    return state == RequestReader::State::kMore ? Step::kWait : Step::kRequest;
  }

  void answer(const Response& response) { out_ = serialize(response); }
  bool answering() const { return !out_.empty(); }

  Step send_some() {
    const ssize_t count = send(fd_.get(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN || errno == EINTR ? Step::kWait : Step::kEnd;
    sent_ += static_cast<size_t>(count);
    return sent_ == out_.size() ? Step::kEnd : Step::kWait;
  }

  std::optional<uint64_t> deadline;  // a timer of the loop's

 private:
  UniqueFd fd_;
  RequestReader reader_;
  std::string out_;
  size_t sent_ = 0;
};

Server::Server(EventLoop& loop, int listener, Handler handler, Limits limits)
    : loop_(loop), listener_(listener), handler_(std::move(handler)), limits_(limits) {
  loop_.add(listener_, EPOLLIN, [this](uint32_t) { accept_one(); });
}

Server::~Server() {
  while (!connections_.empty()) close(connections_.begin()->first);
  loop_.cancel_timer(retry_);
  loop_.remove(listener_);
}

void Server::accept_one() {
  UniqueFd fd(accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd) {
    if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return;
    // Out of descriptors, say: the queue stays full, and the loop must not spin before it.
    log::warn("The control socket takes no connection: {}", errno_text(errno));
    retry_ = loop_.add_timer(limits_.io, [this] {
      retry_ = 0;
      listen_if_room();
    });
    listen_if_room();
    return;
  }
  const auto connection = std::make_shared<Connection>(std::move(fd));
  const int number = connection->fd();
  connections_[number] = connection;
  listen_if_room();
  connection->deadline = loop_.add_timer(limits_.io, [this, number] { close(number); });
  try {
    loop_.add(number, EPOLLIN, [this, connection](uint32_t events) { ready(connection, events); });
  } catch (const Error& error) {
    log::warn("The control socket takes no connection: {}", error.describe());
    close(number);
  }
}

void Server::ready(const std::shared_ptr<Connection>& connection, uint32_t events) {
  using Step = Connection::Step;
  const int fd = connection->fd();
  if (connection->answering()) {
    if (connection->send_some() == Step::kEnd) close(fd);
    return;
  }
  if (connection->reader().state() != RequestReader::State::kMore) {
    // Nothing but this is watched while the answer is awaited.
    if ((events & (EPOLLHUP | EPOLLERR)) != 0) close(fd);
    return;
  }
  const Step step = connection->receive();
  if (step == Step::kEnd) close(fd);
  if (step != Step::kRequest) return;
  // The handler has its own deadline.
  loop_.cancel_timer(*std::exchange(connection->deadline, std::nullopt));
  loop_.modify(fd, 0);
  const Answer answer = [this, weak = std::weak_ptr(connection)](const Response& response) {
    const auto asker = weak.lock();
    if (asker == nullptr || asker->answering()) return;
    asker->answer(response);
    if (asker->send_some() == Step::kEnd) {
      close(asker->fd());
      return;
    }
    const int number = asker->fd();
    asker->deadline = loop_.add_timer(limits_.io, [this, number] { close(number); });
    loop_.modify(number, EPOLLOUT);
  };
  const RequestReader& reader = connection->reader();
  if (reader.state() == RequestReader::State::kBad) {
    answer(error_reply(reader.status(), reader.problem()));
  } else {
    handler_(reader.request(), answer);
  }
}

void Server::close(int fd) {
  const auto found = connections_.find(fd);
  if (found == connections_.end()) return;
  if (found->second->deadline) loop_.cancel_timer(*found->second->deadline);
  loop_.remove(fd);
  connections_.erase(found);
  // A descriptor is free again.
  if (retry_ != 0) loop_.cancel_timer(std::exchange(retry_, 0));
  listen_if_room();
}

void Server::listen_if_room() {
  const bool room = retry_ == 0 && connections_.size() < limits_.connections;
  loop_.modify(listener_, room ? uint32_t{EPOLLIN} : 0);
}

}  // namespace lintel::api
