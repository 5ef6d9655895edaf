// SPDX-License-Identifier: Apache-2.0
#include "passthrough/user/socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "vmm/base/error.h"

namespace lintel::passthrough::user {
namespace {

constexpr size_t kMaxFdsOfKernel = 253;  // SCM_MAX_FD of the kernel's net/scm.h

// False at the deadline.
bool wait_writable(int socket, Deadline deadline) {
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd writable{.fd = socket, .events = POLLOUT, .revents = 0};
    if (poll(&writable, 1, static_cast<int>(std::min<int64_t>(left.count(), 1 << 30))) > 0) {
      return true;
    }
  }
}

void set_send_limit(int socket, std::chrono::milliseconds limit) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(limit);
  const timeval value{.tv_sec = seconds.count(),
                      .tv_usec = std::chrono::microseconds(limit - seconds).count()};
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof value);
}

}  // namespace

UniqueFd connect_unix(const std::string& path, std::chrono::milliseconds limit) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    throw_error("The path of a socket has 1 to {} bytes, {} has {}", sizeof address.sun_path - 1,
                path, path.size());
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) throw_errno(errno, "Cannot create a socket");
  // connect(2) waits for room in the queue of a server that does not accept: as long as a send.
  set_send_limit(socket.get(), limit);
  int result = 0;
  do {
    result = ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  } while (result != 0 && errno == EINTR);
  if (result != 0) {
    throw Error(fmt::format("Cannot connect to {}", path), errno)
        .with_help("start the device's server first, and let this user write to its socket");
  }
  return socket;
}

SendResult send_message(int socket, OutgoingMessage message, Deadline deadline) {
  message.header.size =
      static_cast<uint32_t>(sizeof(Header) + message.payload.size() + message.data.size());
  std::array<std::span<const std::byte>, 3> parts = {bytes_of(message.header), message.payload,
                                                     message.data};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int) * kMaxFdsOfKernel)> control{};
  size_t control_size = 0;
  if (!message.fds.empty()) {
    const size_t size = sizeof(int) * std::min(message.fds.size(), kMaxFdsOfKernel);
    auto* head = reinterpret_cast<cmsghdr*>(control.data());
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(head), message.fds.data(), size);
    control_size = CMSG_SPACE(size);
  }
  while (true) {
    std::array<iovec, 3> vectors;
    size_t count = 0;
    for (const auto part : parts) {
      if (part.empty()) continue;
      vectors[count++] = {.iov_base = const_cast<std::byte*>(part.data()), .iov_len = part.size()};
    }
    if (count == 0) return SendResult::kSent;
    msghdr header{};
    header.msg_iov = vectors.data();
    header.msg_iovlen = count;
    header.msg_control = control_size == 0 ? nullptr : control.data();
    header.msg_controllen = control_size;
    const ssize_t result = sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (result < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return SendResult::kClosed;
      if (!wait_writable(socket, deadline)) return SendResult::kTimeout;
      continue;
    }
    control_size = 0;  // the descriptors went with the first byte
    auto sent = static_cast<size_t>(result);
    for (auto& part : parts) {
      const size_t taken = std::min(sent, part.size());
      part = part.subspan(taken);
      sent -= taken;
    }
  }
}

ReceiveResult receive_some(int socket, std::span<std::byte> to, size_t& count,
                           std::vector<UniqueFd>& fds) {
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int) * kMaxMessageFds)> control;
  iovec vector{.iov_base = to.data(), .iov_len = to.size()};
  msghdr header{};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t result = 0;
  do {
    result = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (result < 0 && errno == EINTR);
  if (result < 0) return errno == EAGAIN ? ReceiveResult::kNothing : ReceiveResult::kClosed;
  for (cmsghdr* head = CMSG_FIRSTHDR(&header); head != nullptr; head = CMSG_NXTHDR(&header, head)) {
    if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
    const size_t received = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < received; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(head) + i * sizeof fd, sizeof fd);
      fds.emplace_back(fd);
    }
  }
  if ((header.msg_flags & MSG_CTRUNC) != 0 || fds.size() > kMaxMessageFds) {
    return ReceiveResult::kTooManyFds;
  }
  if (result == 0) return ReceiveResult::kClosed;
  count = static_cast<size_t>(result);
  return ReceiveResult::kReceived;
}

}  // namespace lintel::passthrough::user
