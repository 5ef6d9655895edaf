// SPDX-License-Identifier: Apache-2.0
#include "passthrough/user/socket.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "vmm/base/error.h"

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

TEST_F(SocketTest, Path_that_does_not_fit_is_an_error) {
  EXPECT_THROW(connect_unix("", 1h), Error);
  EXPECT_THROW(connect_unix(std::string(108, 'x'), 1h), Error);
}

}  // namespace
}  // namespace lintel::passthrough::user
