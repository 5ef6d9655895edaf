// SPDX-License-Identifier: Apache-2.0
#include "passthrough/user/session.h"

#include <array>

#include "vmm/base/error.h"

namespace lintel::passthrough::user {

Session::Session(UniqueFd socket, std::string name, const Limits& limits)
    : name_(std::move(name)),
      limits_(limits),
      patience_(limits.access, limits.clock != nullptr ? *limits.clock : system_clock_),
      connection_(std::move(socket), dma_, {.name = name_, .limit = limits.access}) {
  with_context([] { return std::string("Cannot agree on the vfio-user protocol"); },
               [&] {
                 std::array<std::byte, 4096> room;
                 const auto version = encode_version();
                 Answer answer = ask({.command = Command::kVersion, .payload = version}, room);
                 server_ = decode_version(std::span(room).first(answer.size), answer.fds.size());
                 if (server_.twin_socket) {
                   connection_.use_twin_socket(std::move(answer.fds[*server_.twin_socket]));
                 }
               });
}

Answer Session::ask(const Request& request, std::span<std::byte> room) {
  Request timed = request;
  if (timed.limit == timed.limit.zero()) timed.limit = limits_.command;
  Answer answer = connection_.call(timed, room);
  check(request, answer);
  return answer;
}

Answer Session::call_for_guest(const Request& request, std::span<std::byte> room) {
  const Patience::Wait wait(patience_);
  Request timed = request;
  timed.limit = std::chrono::floor<std::chrono::milliseconds>(patience_.left());
  if (timed.limit == timed.limit.zero()) {
    connection_.fail(
        fmt::format("it took {} ms for all that was asked at once", limits_.access.count()));
    return {};
  }
  if (timed.limit < limits_.access) timed.rest_of = limits_.access;
  return connection_.call(timed, room);
}

void Session::ask_for_guest(const Request& request) {
  check(request, call_for_guest(request, {}));
}

void Session::check(const Request& request, const Answer& answer) {
  if (!answer.arrived) throw_error("{}: the server is gone: {}", name_, connection_.reason());
  if (answer.error != 0) {
    throw_errno(answer.error, "{}: the server refuses {}", name_, command_name(request.command));
  }
}

}  // namespace lintel::passthrough::user
