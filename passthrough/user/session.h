// SPDX-License-Identifier: Apache-2.0
// What a device of a server and its view of the guest's memory share: one connection after a
// successful negotiation.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>

#include "passthrough/user/connection.h"
#include "passthrough/user/dma_table.h"
#include "passthrough/user/messages.h"
#include "passthrough/user/patience.h"
#include "passthrough/user/protocol.h"
#include "vmm/base/clock.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough::user {

// How long the server may take before it counts as gone.
struct Limits {
  // For what the guest waits for: its accesses, and its interrupts switched on and off, all of an
  // operation (passthrough::Operation) together. Also to take an answer of ours.
  std::chrono::milliseconds access{5'000};
  // For everything else; a reset may have to wait for storage. All that is asked of a device at the
  // start has as long together.
  std::chrono::milliseconds command{30'000};
  // Of what operations take; outlives the session. Null: the system's.
  const Clock* clock = nullptr;
};

// Threads: any.
class Session {
 public:
  // Negotiates. Throws Error.
  Session(UniqueFd socket, std::string name, const Limits& limits);

  const std::string& name() const { return name_; }
  const Limits& limits() const { return limits_; }
  const ServerLimits& server() const { return server_; }
  DmaTable& dma() { return dma_; }
  Connection& connection() { return connection_; }
  Patience& patience() { return patience_; }

  // Asks, and throws Error if the server is gone or refuses. Returns the answer; its payload is in
  // `room`. Without a limit in the request it is that of a command.
  Answer ask(const Request& request, std::span<std::byte> room = {});
  // What the guest waits for, which takes of the operation's patience.
  Answer call_for_guest(const Request& request, std::span<std::byte> room);
  void ask_for_guest(const Request& request);

 private:
  void check(const Request& request, const Answer& answer);

  const std::string name_;
  const Limits limits_;
  const SystemClock system_clock_;
  Patience patience_;
  DmaTable dma_;  // before the connection, whose thread uses it
  Connection connection_;
  ServerLimits server_;
};

}  // namespace lintel::passthrough::user
