// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/backend/frame_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "vmm/base/endian.h"
#include "vmm/virtio/net_features.h"

namespace lintel::virtio {
namespace {

using Status = PacketPort::Status;

std::string length_prefix(size_t length) {
  std::string prefix(4, '\0');
  store_be<uint32_t>(prefix.data(), static_cast<uint32_t>(length));
  return prefix;
}

// A stream and the program at its other end.
class FrameStreamTest : public testing::Test {
 protected:
  FrameStreamTest() {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) abort();
    peer_ = UniqueFd(ends[1]);
    fcntl(peer_.get(), F_SETFL, O_NONBLOCK);
    stream_.emplace("peer", UniqueFd(ends[0]));
  }

  void peer_writes(std::string_view bytes) {
    ASSERT_EQ(write(peer_.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  std::string peer_reads() {
    std::string bytes;
    std::array<char, 4096> part;
    ssize_t count = 0;
    while ((count = read(peer_.get(), part.data(), part.size())) > 0) {
      bytes.append(part.data(), static_cast<size_t>(count));
    }
    return bytes;
  }
  // Two buffers, so that header and frame are torn apart where it hurts.
  std::pair<PacketPort::Received, std::string> receive(size_t room = 70'000) {
    std::string buffer(room, '?');
    const size_t first = std::min<size_t>(room, 7);
    const std::array pieces{iovec{buffer.data(), first},
                            iovec{buffer.data() + first, room - first}};
    const PacketPort::Received received = stream_->receive(pieces);
    if (received.status == Status::kDone) buffer.resize(received.bytes);
    return {received, buffer};
  }
  Status send(std::string frame) {
    std::string header(net::kHeaderBytes, 'h');
    const std::array pieces{iovec{header.data(), 5}, iovec{header.data() + 5, header.size() - 5},
                            iovec{frame.data(), 3}, iovec{frame.data() + 3, frame.size() - 3}};
    return stream_->send(pieces);
  }

  std::optional<FrameStream> stream_;
  UniqueFd peer_;  // hangs up first
  const std::string header_ = std::string(net::kHeaderBytes, '\0');
};

TEST_F(FrameStreamTest, Frame_is_received_behind_an_empty_header) {
  const std::string frame(60, 'f');
  peer_writes(length_prefix(60) + frame);
  const auto [received, packet] = receive();
  ASSERT_EQ(received.status, Status::kDone);
  EXPECT_EQ(packet, header_ + frame);
  EXPECT_EQ(receive().first.status, Status::kWait);
}

TEST_F(FrameStreamTest, Frame_that_comes_byte_by_byte_is_received_once_whole) {
  const std::string bytes = length_prefix(20) + std::string(20, 'f');
  for (const char byte : bytes.substr(0, bytes.size() - 1)) {
    peer_writes({&byte, 1});
    EXPECT_EQ(receive().first.status, Status::kWait);
  }
  peer_writes("f");
  EXPECT_EQ(receive().second, header_ + std::string(20, 'f'));
}

TEST_F(FrameStreamTest, Frames_that_come_together_are_received_one_by_one) {
  peer_writes(length_prefix(14) + std::string(14, 'a') + length_prefix(15) + std::string(15, 'b') +
              length_prefix(16));
  EXPECT_EQ(receive().second, header_ + std::string(14, 'a'));
  EXPECT_EQ(receive().second, header_ + std::string(15, 'b'));
  EXPECT_EQ(receive().first.status, Status::kWait);
}

TEST_F(FrameStreamTest, Frame_larger_than_the_buffers_is_dropped_and_the_next_is_not) {
  peer_writes(length_prefix(100) + std::string(100, 'x') + length_prefix(20) +
              std::string(20, 'y'));
  EXPECT_EQ(receive(net::kHeaderBytes + 99).first.status, Status::kDropped);
  EXPECT_EQ(receive(net::kHeaderBytes + 20).second, header_ + std::string(20, 'y'));
}

TEST_F(FrameStreamTest, Frame_too_short_for_ethernet_is_skipped) {
  peer_writes(length_prefix(0) + length_prefix(13) + std::string(13, 'x') + length_prefix(14) +
              std::string(14, 'y'));
  EXPECT_EQ(receive().second, header_ + std::string(14, 'y'));
}

TEST_F(FrameStreamTest, Impossible_length_closes_the_link) {
  peer_writes(length_prefix(0x10'0000));
  EXPECT_EQ(receive().first.status, Status::kClosed);
}

TEST_F(FrameStreamTest, End_of_the_stream_closes_the_link_after_the_last_frame) {
  peer_writes(length_prefix(14) + std::string(14, 'z'));
  peer_.reset();
  EXPECT_EQ(receive().second, header_ + std::string(14, 'z'));
  EXPECT_EQ(receive().first.status, Status::kClosed);
  EXPECT_EQ(send(std::string(60, 's')), Status::kClosed);
}

TEST_F(FrameStreamTest, Sent_frame_loses_its_header_and_gets_its_length) {
  EXPECT_EQ(send(std::string(60, 's')), Status::kDone);
  EXPECT_EQ(peer_reads(), length_prefix(60) + std::string(60, 's'));
}

TEST_F(FrameStreamTest, Frame_that_the_peer_would_refuse_is_not_sent) {
  EXPECT_EQ(send(std::string(65'536, 's')), Status::kDone);
  EXPECT_EQ(peer_reads(), "");
}

TEST_F(FrameStreamTest, Full_socket_takes_no_frame_in_part_and_loses_none) {
  const int small = 4096;
  setsockopt(stream_->fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  std::string expected;
  char fill = 'a';
  Status status = Status::kDone;
  while ((status = send(std::string(30'000, fill))) == Status::kDone) {
    expected += length_prefix(30'000) + std::string(30'000, fill++);
    ASSERT_LT(fill, 'z');
  }
  ASSERT_EQ(status, Status::kWait);
  std::string got = peer_reads();
  while (stream_->flush() == Status::kWait) got += peer_reads();
  got += peer_reads();
  EXPECT_EQ(got, expected);
  EXPECT_EQ(send(std::string(60, 's')), Status::kDone);
}

TEST_F(FrameStreamTest, Destruction_hangs_up_and_waits_for_the_other_end) {
  std::atomic<bool> hung_up{false};
  std::thread other_end([&] {
    pollfd end{.fd = peer_.get(), .events = POLLRDHUP, .revents = 0};
    poll(&end, 1, -1);
    hung_up = true;
    peer_.reset();
  });
  stream_.reset();
  EXPECT_TRUE(hung_up);
  other_end.join();
}

}  // namespace
}  // namespace lintel::virtio
