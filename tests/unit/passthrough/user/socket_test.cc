// SPDX-License-Identifier: Apache-2.0
#include "passthrough/user/socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "vmm/base/error.h"
#include "vmm/base/types.h"
#include "vmm/base/unique_fd.h"

namespace lintel::passthrough::user {
namespace {

using namespace std::chrono_literals;

class SocketTest : public testing::Test {
 protected:
  SocketTest() : path(testing::TempDir() + "/vfio_user_socket") { unlink(path.c_str()); }
  ~SocketTest() override { unlink(path.c_str()); }

  UniqueFd listen_with(int backlog) const {
    UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    EXPECT_EQ(bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listener.get(), backlog), 0);
    return listener;
  }

  const std::string path;
};

TEST_F(SocketTest, Listener_is_connected_to) {
  const UniqueFd listener = listen_with(1);
  EXPECT_TRUE(static_cast<bool>(connect_unix(path, 1h)));
}

TEST_F(SocketTest, Nobody_there_is_an_error_with_help) {
  try {
    connect_unix(path, 1h);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.errno_value(), ENOENT);
    EXPECT_FALSE(error.help().empty());
  }
}

TEST_F(SocketTest, Server_that_does_not_accept_is_an_error) {
  const UniqueFd listener = listen_with(0);
  const UniqueFd first = connect_unix(path, 1h);  // the one that may wait
  try {
    connect_unix(path, 20ms);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.errno_value(), EAGAIN);
  }
}

TEST_F(SocketTest, Descriptors_go_with_the_first_part_of_a_message_alone) {
  std::array<int, 2> pair{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  const UniqueFd ours(pair[0]);
  const UniqueFd theirs(pair[1]);
  const std::vector<std::byte> data(kMiB);  // more than a socket holds
  std::thread sender([&] {
    EXPECT_EQ(
        send_message(ours.get(), {.header = {}, .data = data, .fds = std::array{STDERR_FILENO}},
                     std::chrono::steady_clock::now() + 1h),
        SendResult::kSent);
  });
  std::vector<std::byte> room(1024);
  std::vector<UniqueFd> fds;
  for (size_t received = 0; received < sizeof(Header) + data.size();) {
    pollfd readable{.fd = theirs.get(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(poll(&readable, 1, -1), 1);
    size_t count = 0;
    ASSERT_EQ(receive_some(theirs.get(), room, count, fds), ReceiveResult::kReceived);
    received += count;
  }
  sender.join();
  EXPECT_EQ(fds.size(), 1u);
}

TEST_F(SocketTest, Path_that_does_not_fit_is_an_error) {
  EXPECT_THROW(connect_unix("", 1h), Error);
  EXPECT_THROW(connect_unix(std::string(108, 'x'), 1h), Error);
}

}  // namespace
}  // namespace lintel::passthrough::user
