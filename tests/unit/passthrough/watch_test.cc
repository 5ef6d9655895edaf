// SPDX-License-Identifier: Apache-2.0
#include "passthrough/watch.h"

#include <sys/eventfd.h>

#include <gtest/gtest.h>

#include "tests/fakes/fake_vfio_device.h"

namespace lintel::passthrough {
namespace {

// The loop does not run on a thread of its own: what is called, is called from `step`.
class DeviceWatchTest : public testing::Test {
 protected:
  DeviceWatchTest() {
    device.add_irq({.index = pci_irq::kError, .count = 1, .eventfd = true});
    device.add_irq({.index = pci_irq::kRequest, .count = 1, .eventfd = true});
  }
  void make() {
    watch = std::make_unique<DeviceWatch>(
        device, loop,
        DeviceWatch::Events{.failed = [this] { stop("failed"); },
                            .wanted_back = [this] { stop("wanted"); }});
  }
  void stop(const char* event) {
    happened = event;
    loop.stop();
  }

  FakeVfioDevice device;
  EventLoop loop;
  std::string happened;
  std::unique_ptr<DeviceWatch> watch;
};

TEST_F(DeviceWatchTest, Error_isTold) {
  make();
  ASSERT_EQ(eventfd_write(device.trigger(pci_irq::kError, 0), 1), 0);
  loop.run();
  EXPECT_EQ(happened, "failed");
}

TEST_F(DeviceWatchTest, Request_isTold) {
  make();
  ASSERT_EQ(eventfd_write(device.trigger(pci_irq::kRequest, 0), 1), 0);
  loop.run();
  EXPECT_EQ(happened, "wanted");
}

TEST_F(DeviceWatchTest, End_takesTheEventsFromTheDevice) {
  make();
  watch.reset();
  EXPECT_EQ(device.trigger(pci_irq::kError, 0), -1);
  EXPECT_EQ(device.trigger(pci_irq::kRequest, 0), -1);
}

TEST_F(DeviceWatchTest, DeviceThatTellsNothing_isFine) {
  device.add_irq({.index = pci_irq::kError});
  device.set_info({.regions = 9, .irqs = 4});
  make();
  EXPECT_EQ(device.trigger(pci_irq::kError, 0), -1);
  EXPECT_EQ(device.trigger(pci_irq::kRequest, 0), -1);
}

}  // namespace
}  // namespace lintel::passthrough
