// SPDX-License-Identifier: Apache-2.0
#include "passthrough/pci/intx.h"

#include <sys/eventfd.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fakes/fake_irq.h"
#include "tests/fakes/fake_vfio_device.h"
#include "tests/fakes/loop_turn.h"
#include "tests/fakes/manual_clock.h"
#include "vmm/base/error.h"

namespace lintel::passthrough::pci {
namespace {

using Calls = std::vector<std::string>;

class FakeSide final : public IntxSide {
 public:
  void set_level(bool up) override { steps.emplace_back(up ? "up" : "down"); }
  void trap_registers(bool trap) override { steps.emplace_back(trap ? "trap" : "map"); }
  Calls take() { return std::exchange(steps, {}); }
  Calls steps;
};

class IntxTest : public testing::Test {
 protected:
  void make() {
    intx.emplace(device, line, side, IntxServices{io.loop(), clock, timer});
    intx->start();
  }
  void signal(int fd) { ASSERT_EQ(eventfd_write(fd, 1), 0); }
  void turn() { lintel::turn(io.loop()); }
  void fire() {
    signal(device.trigger(pci_irq::kIntx, 0));
    turn();
  }
  void end_of_interrupt() {
    signal(line.level_events()->resample_fd());
    turn();
  }
  void expire() {
    io.loop().run_sync([this] { timer.expire(); });
  }
  void second() {
    clock.advance(std::chrono::seconds(1));
    expire();
  }
  void storm_by_event() {
    for (unsigned i = 0; i < Pace::kPerWindow; ++i) end_of_interrupt();
  }
  static size_t count(const Calls& calls, const std::string& call) {
    return static_cast<size_t>(std::count(calls.begin(), calls.end(), call));
  }

  FakeVfioDevice device;
  FakeIrqLine line;
  FakeSide side;
  ManualClock clock;
  ManualTimer timer{clock};
  EventLoopThread io{"io", [](std::exception_ptr) {}};
  std::optional<Intx> intx;
};

TEST_F(IntxTest, KernelThatCanDoIt_doesItAlone) {
  make();
  EXPECT_EQ(intx->way(), Intx::Way::kKernel);
  EXPECT_EQ(device.trigger(pci_irq::kIntx, 0), line.level_events()->trigger_fd());
  EXPECT_EQ(device.unmask_event(), line.level_events()->resample_fd());
  device.take_calls();
  signal(line.level_events()->resample_fd());
  turn();
  EXPECT_EQ(device.take_calls(), Calls{});
}

TEST_F(IntxTest, DeviceWithoutUnmaskEvent_isUnmaskedWhenTheGuestIsDone) {
  device.fail("set_unmask_event");
  make();
  EXPECT_EQ(intx->way(), Intx::Way::kEvent);
  device.take_calls();
  end_of_interrupt();
  EXPECT_EQ(device.take_calls(), Calls{"unmask 0"});
  EXPECT_EQ(side.take(), Calls{});
  EXPECT_EQ(intx->count(), 1u);
}

// Who asks does so while another thread waits for the device.
TEST_F(IntxTest, State_isToldWhileTheDeviceIsAsked) {
  device.fail("set_unmask_event");
  make();
  std::optional<uint64_t> seen;
  device.on_unmask = [&] {
    std::thread([&] {
      EXPECT_EQ(intx->way(), Intx::Way::kEvent);
      seen = intx->count();
    }).join();
  };
  end_of_interrupt();
  EXPECT_EQ(seen, 1u);
}

TEST_F(IntxTest, WithoutResample_theLineIsUpUntilTheGuestTouchesTheDevice) {
  line.without_level_events();
  make();
  EXPECT_EQ(intx->way(), Intx::Way::kAccess);
  device.take_calls();
  intx->accessed();
  EXPECT_EQ(side.take(), Calls{});
  fire();
  EXPECT_EQ(side.take(), (Calls{"trap", "up"}));
  EXPECT_EQ(device.take_calls(), Calls{});
  intx->accessed();
  EXPECT_EQ(side.take(), Calls{"down"});
  EXPECT_EQ(device.take_calls(), Calls{"unmask 0"});
  intx->accessed();
  EXPECT_EQ(device.take_calls(), Calls{});
  // Unmasked too early: it comes again.
  fire();
  EXPECT_EQ(side.take(), Calls{"up"});
  intx->accessed();
  EXPECT_EQ(side.take(), Calls{"down"});
}

TEST_F(IntxTest, WithoutResample_registersAreMappedAfterAQuietSecond) {
  line.without_level_events();
  make();
  fire();
  second();
  // It waits for the guest, however long.
  second();
  EXPECT_EQ(side.take(), (Calls{"trap", "up"}));
  intx->accessed();
  second();
  EXPECT_EQ(side.take(), (Calls{"down", "map"}));
  EXPECT_FALSE(timer.armed());
}

TEST_F(IntxTest, WithoutResample_aRefusalLeavesNothingBehind) {
  line.without_level_events();
  device.fail("set_triggers");
  EXPECT_THROW(make(), Error);
  EXPECT_EQ(intx->way(), Intx::Way::kOff);
  device.work("set_triggers");
  intx->start();
  fire();
  EXPECT_EQ(side.take(), (Calls{"trap", "up"}));
}

TEST_F(IntxTest, Stop_lowersTheLineAndGivesTheRegistersBack) {
  line.without_level_events();
  make();
  fire();
  side.take();
  device.take_calls();
  intx->stop();
  EXPECT_EQ(side.take(), (Calls{"down", "map"}));
  EXPECT_EQ(device.take_calls(), Calls{"disable 0"});
  EXPECT_FALSE(timer.armed());
  intx->accessed();
  EXPECT_EQ(side.take(), Calls{});
  intx->stop();
  EXPECT_EQ(device.take_calls(), Calls{});
}

TEST_F(IntxTest, StormByEvent_isMaskedInBetweenAndComesToAnEnd) {
  device.fail("set_unmask_event");
  make();
  device.take_calls();
  clock.advance(std::chrono::seconds(1));
  storm_by_event();
  EXPECT_EQ(count(device.take_calls(), "unmask 0"), Pace::kPerWindow - 1u);
  ASSERT_EQ(timer.armed(), Pace::kWindow);
  clock.advance(Pace::kWindow);
  expire();
  EXPECT_EQ(device.take_calls(), Calls{"unmask 0"});
  second();
  EXPECT_FALSE(timer.armed());
  end_of_interrupt();
  EXPECT_EQ(device.take_calls(), Calls{"unmask 0"});
}

TEST_F(IntxTest, StormByAccess_isMaskedInBetween) {
  line.without_level_events();
  make();
  clock.advance(std::chrono::seconds(1));
  for (unsigned i = 0; i < Pace::kPerWindow; ++i) {
    fire();
    intx->accessed();
  }
  EXPECT_EQ(count(device.take_calls(), "unmask 0"), Pace::kPerWindow - 1u);
  clock.advance(Pace::kWindow);
  expire();
  EXPECT_EQ(device.take_calls(), Calls{"unmask 0"});
  EXPECT_EQ(side.steps.back(), "down");
}

TEST_F(IntxTest, KernelsCount_isAddedUpFromTheStartOn) {
  device.interrupts = 7;
  make();
  *device.interrupts += 5;
  EXPECT_EQ(intx->count(), 5u);
  *device.interrupts += 2;
  second();
  EXPECT_EQ(intx->count(), 7u);
  end_of_interrupt();
  EXPECT_EQ(intx->count(), 8u);
  intx->stop();
  EXPECT_FALSE(timer.armed());
}

// The kernel counts no interrupt of it.
TEST_F(IntxTest, StormInTheKernel_isHeldBackByUsAndGivenBackAfterIt) {
  device.interrupts = 1;
  make();
  second();
  EXPECT_EQ(intx->way(), Intx::Way::kEvent);
  EXPECT_EQ(device.unmask_event(), -1);
  device.take_calls();
  storm_by_event();
  EXPECT_EQ(count(device.take_calls(), "unmask 0"), Pace::kPerWindow - 1u);
  clock.advance(Pace::kWindow);
  expire();
  EXPECT_EQ(device.take_calls(), Calls{"unmask 0"});
  // It goes on.
  storm_by_event();
  clock.advance(Pace::kWindow);
  expire();
  EXPECT_EQ(intx->way(), Intx::Way::kEvent);
  second();
  EXPECT_EQ(intx->way(), Intx::Way::kKernel);
  EXPECT_EQ(device.unmask_event(), line.level_events()->resample_fd());
  EXPECT_EQ(timer.armed(), Intx::kQuiet);
}

TEST_F(IntxTest, KernelsWay_isLookedAtLessAndLess) {
  make();
  for (auto wait = Intx::kQuiet; wait < 4 * Intx::kLongestRest; wait *= 2) {
    ASSERT_EQ(timer.armed(), std::min(wait, Intx::kLongestRest));
    clock.advance(*timer.armed());
    expire();
    ASSERT_EQ(intx->way(), Intx::Way::kEvent);
    end_of_interrupt();
    ASSERT_EQ(timer.armed(), Intx::kLook);
    clock.advance(Intx::kLook);
    expire();
    ASSERT_EQ(intx->way(), Intx::Way::kKernel);
  }
}

TEST_F(IntxTest, StormThatCannotBeHeldBack_staysWithTheKernel) {
  make();
  device.fail("set_unmask_event");
  second();
  EXPECT_EQ(intx->way(), Intx::Way::kKernel);
  EXPECT_TRUE(timer.armed());
}

}  // namespace
}  // namespace lintel::passthrough::pci
