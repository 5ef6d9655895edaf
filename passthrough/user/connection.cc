// SPDX-License-Identifier: Apache-2.0
#include "passthrough/user/connection.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "vmm/base/error.h"

namespace lintel::passthrough::user {

// A call that waits, on the stack of its thread. Guarded by `mutex_`; whoever sets `done` takes it
// out of `pending_` first.
struct Connection::Pending {
  Command command;
  std::span<std::byte> room;
  Condition changed;
  bool done = false;
  Answer answer;
};

Connection::Connection(UniqueFd socket, DmaMemory& memory, Options options)
    : options_(std::move(options)),
      memory_(memory),
      main_{.socket = std::move(socket), .in = {}, .fds = {}, .turn = {}},
      thread_("vfio-user", [this](const std::exception_ptr&) { fail("receiving failed"); }) {
  thread_.loop().run_sync([this] { watch(main_); });
}

Connection::~Connection() {
  int twin = -1;
  {
    MutexLock lock(mutex_);
    gone_ = true;  // what happens from here on is no news
    twin = twin_socket_;
  }
  // The own thread may be waiting for the server to take an answer.
  shutdown(main_.socket.get(), SHUT_RDWR);
  if (twin >= 0) shutdown(twin, SHUT_RDWR);
}

Answer Connection::call(const Request& request, std::span<std::byte> room) {
  const Deadline deadline = std::chrono::steady_clock::now() + request.limit;
  Pending pending{.command = request.command, .room = room, .changed = {}, .answer = {}};
  uint16_t id = 0;
  {
    MutexLock lock(mutex_);
    // More than 65535 threads do not wait here.
    if (gone_ || pending_.size() > UINT16_MAX) return {};
    while (find(next_id_) != pending_.end()) ++next_id_;
    id = next_id_++;
    pending_.emplace_back(id, &pending);
  }
  const Header header{
      .id = id, .command = static_cast<uint16_t>(request.command), .flags = kTypeCommand};
  const SendResult sent =
      send(main_,
           {.header = header, .payload = request.payload, .data = request.data, .fds = request.fds},
           request.limit);
  if (sent == SendResult::kClosed) fail("it closed the connection");
  if (sent == SendResult::kTimeout || !wait(pending, deadline)) {
    std::string why = fmt::format("it did not answer {} within {} ms",
                                  command_name(request.command), request.limit.count());
    if (request.rest_of != request.rest_of.zero()) {
      why += fmt::format(", the rest of {} ms for all that was asked at once",
                         request.rest_of.count());
    }
    fail(why);
  }
  // By now somebody has finished it, or `fail` did.
  MutexLock lock(mutex_);
  return std::move(pending.answer);
}

SendResult Connection::send(Channel& channel, const OutgoingMessage& message,
                            std::chrono::milliseconds limit) {
  const Deadline deadline = std::chrono::steady_clock::now() + limit;
  if (!channel.turn.take(deadline)) return SendResult::kTimeout;
  const SendResult result = send_message(channel.socket.get(), message, deadline);
  channel.turn.give_back();
  return result;
}

bool Connection::SendTurn::take(Deadline deadline) {
  MutexLock lock(mutex_);
  while (taken_) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= left.zero()) return false;
    changed_.wait_for(mutex_, left);
  }
  taken_ = true;
  return true;
}

void Connection::SendTurn::give_back() {
  MutexLock lock(mutex_);
  taken_ = false;
  changed_.notify_all();
}

bool Connection::wait(Pending& pending, Deadline deadline) {
  MutexLock lock(mutex_);
  while (!pending.done) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= left.zero()) return false;
    pending.changed.wait_for(mutex_, left);
  }
  return true;
}

Connection::Waiting::iterator Connection::find(uint16_t id) {
  return std::find_if(pending_.begin(), pending_.end(),
                      [id](const auto& entry) { return entry.first == id; });
}

void Connection::finish(Pending& pending) {
  pending.done = true;
  // Under the lock, because `pending` is gone as soon as its thread has seen `done`.
  pending.changed.notify_all();
}

void Connection::use_twin_socket(UniqueFd socket) {
  // To wait for any other file may ask who serves it, and last.
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(socket.get(), SOL_SOCKET, SO_TYPE, &type, &size) != 0) {
    throw_errno(errno, "What came with \"twin_socket\" is no socket");
  }
  thread_.loop().run_sync([&] {
    twin_.socket = std::move(socket);
    watch(twin_);
  });
  MutexLock lock(mutex_);
  twin_socket_ = twin_.socket.get();
}

void Connection::report() {
  std::string why;
  {
    MutexLock lock(mutex_);
    report_ = true;
    if (!gone_) return;
    why = reason_;
  }
  log_gone(why);
}

void Connection::log_gone(const std::string& why) const {
  log::error("{}: the server is gone: {}; from now on the device reads all ones", options_.name,
             why);
}

bool Connection::gone() {
  MutexLock lock(mutex_);
  return gone_;
}

std::string Connection::reason() {
  MutexLock lock(mutex_);
  return reason_;
}

void Connection::signal_when_gone(int event_fd) {
  UniqueFd copy;
  if (event_fd >= 0) copy = duplicate_fd(event_fd);
  MutexLock lock(mutex_);
  gone_event_ = std::move(copy);
  if (gone_ && gone_event_) eventfd_write(gone_event_.get(), 1);
}

void Connection::fail(const std::string& why) {
  bool report = false;
  int twin = -1;
  {
    MutexLock lock(mutex_);
    if (gone_) return;
    gone_ = true;
    reason_ = why;
    report = report_;
    twin = twin_socket_;
    for (const auto& [id, pending] : std::exchange(pending_, {})) finish(*pending);
    if (gone_event_) eventfd_write(gone_event_.get(), 1);
  }
  // Whoever sends returns, and the own thread sees the end of the stream and stops watching it.
  shutdown(main_.socket.get(), SHUT_RDWR);
  if (twin >= 0) shutdown(twin, SHUT_RDWR);
  if (report) log_gone(why);
}

void Connection::fail_in(std::chrono::milliseconds delay, const std::string& why) {
  // The own thread waits for nobody longer than for an answer of ours to be taken.
  thread_.loop().post(
      [this, delay, why] { thread_.loop().add_timer(delay, [this, why] { fail(why); }); });
}

void Connection::watch(Channel& channel) {
  thread_.loop().add(channel.socket.get(), EPOLLIN,
                     [this, &channel](uint32_t) { receive(channel); });
}

// One message at a time: who floods one socket is not to keep us from the other.
void Connection::receive(Channel& channel) {
  if (gone()) {  // what came before we hung up is no longer wanted
    thread_.loop().remove(channel.socket.get());
    return;
  }
  while (true) {
    size_t count = 0;
    switch (receive_some(channel.socket.get(), channel.in.space(), count, channel.fds)) {
      case ReceiveResult::kNothing: return;
      case ReceiveResult::kReceived: break;
      case ReceiveResult::kClosed:
        fail("it closed the connection");
        thread_.loop().remove(channel.socket.get());
        return;
      case ReceiveResult::kTooManyFds:
        fail("it sent too many file descriptors");
        thread_.loop().remove(channel.socket.get());
        return;
    }
    switch (channel.in.received(count)) {
      case FrameReader::State::kIncomplete: break;
      case FrameReader::State::kComplete:
        if (!handle(channel)) thread_.loop().remove(channel.socket.get());
        channel.in.next();
        channel.fds.clear();
        return;
      case FrameReader::State::kMalformed:
        fail(fmt::format("it sent a message of {} bytes", channel.in.header().size));
        thread_.loop().remove(channel.socket.get());
        return;
    }
  }
}

bool Connection::handle(Channel& channel) {
  const Header& header = channel.in.header();
  switch (header.flags & kTypeMask) {
    case kTypeCommand: return handle_command(channel, header, channel.in.payload());
    case kTypeReply:
      // Replies to us come on the main socket only.
      if (&channel != &main_) break;
      return handle_reply(header, channel.in.payload(), std::move(channel.fds));
    default: break;
  }
  fail(fmt::format("it sent a message of type {}", header.flags & kTypeMask));
  return false;
}

bool Connection::handle_reply(const Header& header, std::span<const std::byte> payload,
                              std::vector<UniqueFd> fds) {
  std::string why;
  {
    MutexLock lock(mutex_);
    const auto at = find(header.id);
    if (at == pending_.end()) {
      why = fmt::format("it answered {}, which was not asked", header.id);
    } else {
      Pending& pending = *at->second;
      const bool is_error = (header.flags & kFlagError) != 0;
      if (header.command != static_cast<uint16_t>(pending.command)) {
        why = fmt::format("it answered {} with a reply to command {}",
                          command_name(pending.command), header.command);
      } else if (payload.size() > (is_error ? 0 : pending.room.size())) {
        why = fmt::format("it answered {} with {} bytes", command_name(pending.command),
                          payload.size());
      } else {
        if (!payload.empty()) std::memcpy(pending.room.data(), payload.data(), payload.size());
        pending.answer.arrived = true;
        if (is_error) {
          // The errno is optional, and no other one than a host's goes on from here.
          pending.answer.error =
              header.error == 0 || header.error > 4095 ? EIO : static_cast<int>(header.error);
        }
        pending.answer.size = payload.size();
        pending.answer.fds = std::move(fds);
        pending_.erase(at);
        finish(pending);
        return true;
      }
    }
  }
  fail(why);
  return false;
}

bool Connection::handle_command(Channel& channel, const Header& header,
                                std::span<const std::byte> payload) {
  const uint32_t error = serve_dma(header, payload, memory_, dma_reply_);
  if (error != 0) {
    refused_log_.debug("{}: refused the server's command {} of {} bytes: {}", options_.name,
                       header.command, payload.size(), errno_text(static_cast<int>(error)));
  }
  if ((header.flags & kFlagNoReply) != 0) return true;
  const Header reply{.id = header.id,
                     .command = header.command,
                     .flags = kTypeReply | (error != 0 ? kFlagError : 0),
                     .error = error};
  OutgoingMessage message{.header = reply};
  if (error == 0) message.payload = dma_reply_;
  switch (send(channel, message, options_.limit)) {
    case SendResult::kSent: return true;
    case SendResult::kTimeout: fail("it did not take our answer"); return false;
    case SendResult::kClosed: fail("it closed the connection"); return false;
  }
  return false;
}

}  // namespace lintel::passthrough::user
