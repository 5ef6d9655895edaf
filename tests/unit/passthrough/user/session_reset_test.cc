// SPDX-License-Identifier: Apache-2.0
// When a session resets its devices, with one that another thread serves.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "passthrough/session.h"
#include "passthrough/user/protocol.h"
#include "tests/fakes/vfio_user_server.h"

namespace lintel::passthrough {
namespace {

class SessionResetTest : public testing::Test {
 protected:
  SessionResetTest() {
    unlink(path_.c_str());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(path_, address.sun_path);
    EXPECT_EQ(bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    EXPECT_EQ(listen(listener_.get(), 1), 0);
    serving_ = std::thread([this] {
      server_.serve(UniqueFd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
    });
  }
  ~SessionResetTest() override { unlink(path_.c_str()); }

  void open(SessionDevice device) {
    device.socket = path_;
    session = std::make_unique<Session>(std::span(&device, 1), Session::Options{});
  }
  unsigned resets() const { return server_.count(user::Command::kDeviceReset); }
  void close() {
    session.reset();
    serving_.join();
  }

  std::unique_ptr<Session> session;

 private:
  const std::string path_ = testing::TempDir() + "/vfio_user_session";
  const UniqueFd listener_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  VfioUserServer server_{{}};
  std::thread serving_;
};

TEST_F(SessionResetTest, Device_isResetAtStartAtEachRebootAndAtTheEnd) {
  open({});
  EXPECT_EQ(resets(), 0u);
  session->reset();
  EXPECT_EQ(resets(), 1u);
  session->reset();
  session->reset();
  EXPECT_EQ(resets(), 3u);
  close();
  EXPECT_EQ(resets(), 4u);
}

TEST_F(SessionResetTest, Device_isResetAtRebootsOnly) {
  open({.reset_at_start = false, .reset_at_end = false});
  session->reset();
  EXPECT_EQ(resets(), 0u);
  session->reset();
  EXPECT_EQ(resets(), 1u);
  close();
  EXPECT_EQ(resets(), 1u);
}

TEST_F(SessionResetTest, Device_isResetAtStartAndEndOnly) {
  open({.reset_at_reboot = false});
  session->reset();
  session->reset();
  EXPECT_EQ(resets(), 1u);
  close();
  EXPECT_EQ(resets(), 2u);
}

}  // namespace
}  // namespace lintel::passthrough
