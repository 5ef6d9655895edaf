// SPDX-License-Identifier: Apache-2.0
// Devices that come to a session and leave it. Those of other processes need nothing of the host.
#include "passthrough/session.h"

#include <array>

#include <gtest/gtest.h>

#include "passthrough/pci/function.h"
#include "tests/fakes/served_device.h"
#include "vmm/base/error.h"

namespace lintel::passthrough {
namespace {

class SessionTest : public testing::Test {
 protected:
  static SessionDevice at(const ServedDevice& served) {
    return {.name = {}, .socket = served.path()};
  }

  ServedDevice first{"first"};
  ServedDevice second{"second"};
  Session session{{}, {}};
};

TEST_F(SessionTest, Devices_comeAndGoWithTheirSpaces) {
  EXPECT_TRUE(session.dma_spaces().empty());
  const auto one = session.open_devices(std::array{at(first)});
  ASSERT_EQ(one.size(), 1u);
  EXPECT_TRUE(pci::alive(*one.front()));
  const auto other = session.open_devices(std::array{at(second)});
  ASSERT_EQ(other.size(), 1u);
  EXPECT_EQ(session.size(), 2u);
  const std::vector<DmaSpace*> both = session.dma_spaces();
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(session.dma_spaces_without(one), std::vector{both[1]});
  session.close_devices(one);
  EXPECT_EQ(session.dma_spaces(), std::vector{both[1]});
  EXPECT_EQ(&session.device(0), other.front());
  EXPECT_TRUE(pci::alive(*other.front())) << "the other one is left alone";
}

TEST_F(SessionTest, DeviceThatFails_closesThoseThatCameWithIt) {
  const auto there = session.open_devices(std::array{at(first)});
  const SessionDevice nowhere{.name = {}, .socket = "/nowhere.sock"};
  EXPECT_THROW(session.open_devices(std::array{at(second), nowhere}), Error);
  EXPECT_EQ(session.size(), 1u);
  EXPECT_EQ(session.dma_spaces().size(), 1u);
  EXPECT_TRUE(pci::alive(*there.front()));
  EXPECT_EQ(session.open_devices(std::array{at(second)}).size(), 1u) << "nobody holds it";
}

TEST_F(SessionTest, DeviceThatIsGone_isClosedAllTheSame) {
  const auto devices = session.open_devices(std::array{at(first)});
  first.hang_up();
  session.close_devices(devices);
  EXPECT_EQ(session.size(), 0u);
}

}  // namespace
}  // namespace lintel::passthrough
