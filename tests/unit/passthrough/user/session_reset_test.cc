// SPDX-License-Identifier: Apache-2.0
// When a session resets its devices, with one that another thread serves.
#include <memory>
#include <span>

#include <gtest/gtest.h>

#include "passthrough/session.h"
#include "tests/fakes/served_device.h"

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

}  // namespace
}  // namespace lintel::passthrough
