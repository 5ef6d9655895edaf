// SPDX-License-Identifier: Apache-2.0
// Messages and their file descriptors over a unix socket ("Socket").
//
// Threads: one sender and one receiver at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "passthrough/user/protocol.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough::user {

using Deadline = std::chrono::steady_clock::time_point;

// Throws Error, also if nobody accepts within the limit.
UniqueFd connect_unix(const std::string& path, std::chrono::milliseconds limit);

struct OutgoingMessage {
  Header header;  // its size is set by `send_message`
  std::span<const std::byte> payload = {};
  std::span<const std::byte> data = {};  // behind the payload
  std::span<const int> fds = {};         // at most 253
};

enum class SendResult { kSent, kTimeout, kClosed };
// All of it, or the connection is of no more use.
SendResult send_message(int socket, OutgoingMessage message, Deadline deadline);

enum class ReceiveResult { kReceived, kNothing, kClosed, kTooManyFds };
// What is there, up to `to.size()` bytes; `count` says how many. Descriptors that came with them
// are added to `fds`; more than kMaxMessageFds there are too many. Never waits.
ReceiveResult receive_some(int socket, std::span<std::byte> to, size_t& count,
                           std::vector<UniqueFd>& fds);

}  // namespace lintel::passthrough::user
