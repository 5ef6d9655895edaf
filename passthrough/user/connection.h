// SPDX-License-Identifier: Apache-2.0
// One conversation with a vfio-user server: any thread asks and waits for the answer, while the
// connection's own thread receives, hands answers out and serves what the server asks for.
//
// Nobody who holds a lock waits for the server to answer, and the own thread never waits for an
// answer, so the two directions cannot lock each other. A server that closes the connection, breaks
// the protocol or is silent beyond a deadline is gone, for good: it is reported once, whoever waits
// for it is released, and every later call fails at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "passthrough/user/dma_table.h"
#include "passthrough/user/frame.h"
#include "passthrough/user/protocol.h"
#include "passthrough/user/socket.h"
#include "vmm/base/event_loop.h"
#include "vmm/base/log.h"
#include "vmm/base/sync.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough::user {

struct Request {
  Command command = Command::kVersion;
  std::span<const std::byte> payload = {};
  std::span<const std::byte> data = {};  // behind the payload
  std::span<const int> fds = {};
  std::chrono::milliseconds limit{};  // for sending and for the answer together
  // The limit is what was left of this one, for messages; zero: it is for this one alone.
  std::chrono::milliseconds rest_of{};
};

struct Answer {
  bool arrived = false;  // else the server is gone
  int error = 0;         // the server's errno; there is no payload then
  size_t size = 0;       // of the payload
  std::vector<UniqueFd> fds;
};

// Threads: any. Does not throw once it is constructed, but for `use_twin_socket`.
class Connection {
 public:
  struct Options {
    std::string name;                 // for messages
    std::chrono::milliseconds limit;  // for the server to take an answer of ours
  };

  // `memory` outlives this object.
  Connection(UniqueFd socket, DmaMemory& memory, Options options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Sends and waits. The answer's payload goes to `room`; one that does not fit breaks the
  // protocol.
  Answer call(const Request& request, std::span<std::byte> room);

  // The server's requests may come here too, from now on. Throws Error.
  void use_twin_socket(UniqueFd socket);
  // From now on it is logged if the server goes; before, who connects tells.
  void report();
  // The server is gone because of this; only the first reason counts.
  void fail(const std::string& why);
  // The same in so long, if it is not gone by then.
  void fail_in(std::chrono::milliseconds delay, const std::string& why);
  bool gone();
  // Why, or an empty text.
  std::string reason();
  // Signals a duplicate of this eventfd when the server goes, at once if it is gone. -1: none.
  void signal_when_gone(int event_fd);

 private:
  // One sends at a time, and who waits for that has a deadline too.
  class SendTurn {
   public:
    // False at the deadline.
    bool take(Deadline deadline);
    void give_back();

   private:
    Mutex mutex_;
    Condition changed_;
    bool taken_ GUARDED_BY(mutex_) = false;
  };
  struct Channel {
    UniqueFd socket;
    FrameReader in;
    std::vector<UniqueFd> fds;  // that came with the message which is being received
    SendTurn turn;
  };
  struct Pending;
  using Waiting = std::vector<std::pair<uint16_t, Pending*>>;  // with their ids

  SendResult send(Channel& channel, const OutgoingMessage& message,
                  std::chrono::milliseconds limit);
  void watch(Channel& channel);
  void receive(Channel& channel);
  // False if the message breaks the protocol, which `fail` was told.
  bool handle(Channel& channel);
  bool handle_reply(const Header& header, std::span<const std::byte> payload,
                    std::vector<UniqueFd> fds);
  bool handle_command(Channel& channel, const Header& header, std::span<const std::byte> payload);
  // True if the call is over; false at the deadline.
  bool wait(Pending& pending, Deadline deadline);
  void log_gone(const std::string& why) const;
  Waiting::iterator find(uint16_t id) REQUIRES(mutex_);
  void finish(Pending& pending) REQUIRES(mutex_);

  const Options options_;
  DmaMemory& memory_;
  std::vector<std::byte> dma_reply_;  // of the own thread
  log::RateLimited refused_log_;

  Mutex mutex_;  // never held while sending
  bool gone_ GUARDED_BY(mutex_) = false;
  bool report_ GUARDED_BY(mutex_) = false;
  std::string reason_ GUARDED_BY(mutex_);
  UniqueFd gone_event_ GUARDED_BY(mutex_);
  uint16_t next_id_ GUARDED_BY(mutex_) = 0;
  Waiting pending_ GUARDED_BY(mutex_);
  int twin_socket_ GUARDED_BY(mutex_) = -1;

  Channel main_;
  Channel twin_;
  EventLoopThread thread_;  // last: it uses all of the above
};

}  // namespace lintel::passthrough::user
