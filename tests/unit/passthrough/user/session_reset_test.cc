// SPDX-License-Identifier: Apache-2.0
// When a session resets its devices, with one that another thread serves.
#include <array>
#include <chrono>
#include <memory>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "passthrough/session.h"
#include "passthrough/user/protocol.h"
#include "tests/fakes/log_capture.h"
#include "tests/fakes/served_device.h"
#include "vmm/base/error.h"

namespace lintel::passthrough {
namespace {

class SessionResetTest : public testing::Test {
 protected:
  void open(SessionDevice device) {
    device.socket = served.path();
    session = std::make_unique<Session>(std::span(&device, 1), Session::Options{});
  }
  unsigned resets() { return served.resets(); }
  void close() { session.reset(); }

  ServedDevice served{"session-reset"};
  std::unique_ptr<Session> session;
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

// A server that answers everything but a reset, which it would be waited for half a minute.
TEST(SessionEndTest, Server_isWaitedForNoLongerThanTheEndIs) {
  const LogCapture log;
  using user::Command;
  ServedDevice served("session-end", {.tamper = [](VfioUserServer::Reply& reply) {
                        if (reply.header.command != static_cast<uint16_t>(Command::kDeviceReset)) {
                          return;
                        }
                        reply.action = VfioUserServer::Reply::Action::kDrop;
                      }});
  const SessionDevice device{.socket = served.path()};
  const auto complaint = [](const auto& call) -> std::string {
    try {
      call();
    } catch (const Error& error) {
      return error.describe();
    }
    return "none";
  };
  Session session(std::span(&device, 1), Session::Options{});
  session.end_within(std::chrono::milliseconds(20));
  session.end_within(std::chrono::hours(1));
  EXPECT_NE(complaint([&] { session.reset(); }).find("waits no longer than 20 ms"),
            std::string::npos);
  const std::array<Device*, 1> gone = {&session.device(0)};
  session.close_devices(gone);
  // The end is over, and it holds for what is opened now.
  EXPECT_NE(complaint([&] { session.open_devices(std::span(&device, 1)); }), "none");
  EXPECT_NE(log.text().find("waits no longer than 0 ms"), std::string::npos) << log.text();
}

}  // namespace
}  // namespace lintel::passthrough
