// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/backend/frame_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "vmm/base/endian.h"
#include "vmm/base/log.h"
#include "vmm/virtio/net_features.h"

namespace lintel::virtio {
namespace {

// What the other end may send: an Ethernet frame of the largest IP packet, and some.
constexpr size_t kLargestFrame = 65535 + net::kEthernetHeaderBytes + net::kVlanTagBytes;
// What it takes: passt refuses frames of more than ETH_MAX_MTU bytes.
constexpr size_t kLargestSent = 65535;

// Of `pieces`, drops the first `bytes`.
void skip(std::vector<iovec>& pieces, size_t bytes) {
  size_t whole = 0;
  while (whole < pieces.size() && bytes >= pieces[whole].iov_len) bytes -= pieces[whole++].iov_len;
  pieces.erase(pieces.begin(), pieces.begin() + static_cast<ptrdiff_t>(whole));
  if (pieces.empty()) return;
  pieces.front().iov_base = static_cast<std::byte*>(pieces.front().iov_base) + bytes;
  pieces.front().iov_len -= bytes;
}

}  // namespace

FrameStream::FrameStream(std::string name, UniqueFd socket)
    : name_(std::move(name)),
      socket_(std::move(socket)),
      buffer_(std::make_unique_for_overwrite<std::byte[]>(kBufferBytes)) {
  static_assert(kBufferBytes >= kLengthBytes + kLargestFrame);
  // Room for many frames, so that few are written in parts. Best effort.
  const int bytes = 1 << 20;
  setsockopt(socket_.get(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  pieces_.reserve(kMaxPieces);
}

FrameStream::~FrameStream() {
  ::shutdown(socket_.get(), SHUT_WR);
  constexpr auto kPatience = std::chrono::seconds(1);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  pollfd hung_up{.fd = socket_.get(), .events = 0, .revents = 0};
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    const int ready = poll(&hung_up, 1, std::max(0, static_cast<int>(left.count())));
    if (ready >= 0 || errno != EINTR) return;
  }
}

size_t FrameStream::largest() const {
  return net::kHeaderBytes + kLargestFrame;
}

PacketPort::Status FrameStream::fill() {
  if (begin_ != 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
  }
  while (true) {
    const ssize_t count =
        ::recv(socket_.get(), buffer_.get() + end_, kBufferBytes - end_, MSG_DONTWAIT);
    if (count > 0) {
      end_ += static_cast<size_t>(count);
      return Status::kDone;
    }
    if (count < 0 && errno == EINTR) continue;
    return count < 0 && errno == EAGAIN ? Status::kWait : Status::kClosed;
  }
}

PacketPort::Received FrameStream::receive(std::span<const iovec> to) {
  while (true) {
    const size_t have = end_ - begin_;
    if (have >= kLengthBytes) {
      const size_t length = load_be<uint32_t>(buffer_.get() + begin_);
      if (length > kLargestFrame) {
        log::error("{} sent a frame of {} bytes", name_, length);
        return {Status::kClosed};
      }
      if (have - kLengthBytes >= length) {
        const std::span frame(buffer_.get() + begin_ + kLengthBytes, length);
        begin_ += kLengthBytes + length;
        if (length < net::kEthernetHeaderBytes) continue;
        const size_t bytes = net::kHeaderBytes + length;
        if (bytes_of(to) < bytes) return {Status::kDropped, bytes};
        scatter(to, 0, std::array<std::byte, net::kHeaderBytes>{});
        scatter(to, net::kHeaderBytes, frame);
        return {Status::kDone, bytes};
      }
    }
    const Status filled = fill();
    if (filled != Status::kDone) return {filled};
  }
}

PacketPort::Status FrameStream::send(std::span<const iovec> packet) {
  if (const Status before = flush(); before != Status::kDone) return before;
  const size_t length = bytes_of(packet) - net::kHeaderBytes;
  if (length > kLargestSent || packet.size() >= kMaxPieces) return Status::kDone;

  std::array<std::byte, kLengthBytes> prefix;
  store_be<uint32_t>(prefix.data(), static_cast<uint32_t>(length));
  pieces_.assign(packet.begin(), packet.end());
  skip(pieces_, net::kHeaderBytes);
  pieces_.insert(pieces_.begin(), {prefix.data(), prefix.size()});

  msghdr message{};
  message.msg_iov = pieces_.data();
  message.msg_iovlen = pieces_.size();
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return errno == EAGAIN ? Status::kWait : Status::kClosed;

  skip(pieces_, static_cast<size_t>(sent));
  for (const iovec& piece : pieces_) {
    const auto* bytes = static_cast<const std::byte*>(piece.iov_base);
    unsent_.insert(unsent_.end(), bytes, bytes + piece.iov_len);
  }
  return Status::kDone;
}

PacketPort::Status FrameStream::flush() {
  while (unsent_begin_ < unsent_.size()) {
    const ssize_t sent = ::send(socket_.get(), unsent_.data() + unsent_begin_,
                                unsent_.size() - unsent_begin_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
      unsent_begin_ += static_cast<size_t>(sent);
    } else if (errno != EINTR) {
      return errno == EAGAIN ? Status::kWait : Status::kClosed;
    }
  }
  unsent_.clear();
  unsent_begin_ = 0;
  return Status::kDone;
}

}  // namespace lintel::virtio
