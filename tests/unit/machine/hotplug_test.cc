// SPDX-License-Identifier: Apache-2.0
// Devices that another thread serves, plugged into ports that note what is done to them.
#include "vmm/machine/hotplug.h"

#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "passthrough/pci/function.h"
#include "tests/fakes/log_capture.h"
#include "tests/fakes/served_device.h"
#include "vmm/api/reply.h"
#include "vmm/base/error.h"

namespace lintel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FakePorts final : public HotplugPorts {
 public:
  bool is_port(size_t) override { return port; }
  bool powered(size_t) override { return power; }
  void press_attention(size_t) override {
    calls.emplace_back("press");
    if (willing) power = false;
  }
  void plug(size_t) override {
    if (refusal) std::rethrow_exception(refusal);
    calls.emplace_back("plug");
    if (on_plug) on_plug();
    if (willing) power = true;
  }
  void unplug(size_t) override {
    calls.emplace_back("unplug");
    power = false;
    if (on_unplug) on_unplug();
  }
  std::vector<GuestRange> ram() override { return {}; }
  void share_memory() override {
    calls.emplace_back("share");
    if (unmappable) std::rethrow_exception(unmappable);
  }
  void withdraw_memory(std::span<passthrough::Device* const> devices) override {
    calls.push_back(fmt::format("withdraw {}", devices.size()));
  }

  bool port = true;
  bool willing = true;         // the guest does what it is asked for
  std::exception_ptr refusal;  // to plug
  std::exception_ptr unmappable;
  bool power = false;
  std::function<void()> on_plug;
  std::function<void()> on_unplug;
  std::vector<std::string> calls;
};

class HotplugTest : public testing::Test {
 protected:
  HotplugTest() {
    on_control([this] { hotplug.use(&ports); });
  }
  // What was answered may not have returned yet.
  ~HotplugTest() override {
    on_control([this] { hotplug.stop(); });
    control.reset();
  }

  static config::Config with_one_port() {
    config::Config config;
    config.vm.name = "hotplug-test";
    config.memory.backing.shared = true;
    config.pci_bus.hotplug_ports = 1;
    return config;
  }
  void on_control(const std::function<void()>& call) { control->loop().run_sync(call); }
  // Until `cause` has had the device taken out. The calls are those since then.
  void wait_for_unplug(const std::function<void()>& cause) {
    const auto unplugged = std::make_shared<std::promise<void>>();
    on_control([&] {
      ports.calls.clear();
      ports.on_unplug = [unplugged] { unplugged->set_value(); };
    });
    cause();
    unplugged->get_future().get();
    wait_until_idle();
  }
  // What the request is answered with.
  template <typename Ask>
  std::string answer_to(Ask&& ask) {
    // Shared, here and below: who sets it may still be at it when it is read.
    const auto promise = std::make_shared<std::promise<std::string>>();
    on_control([&] {
      ask([promise](const api::Result& result) {
        promise->set_value(result.refusal ? fmt::format("{}: {}", result.refusal->status,
                                                        result.refusal->error.describe())
                                          : "done");
      });
    });
    return promise->get_future().get();
  }
  std::string attach(const std::string& device) {
    return answer_to([&](Hotplug::Done done) { hotplug.attach({device}, std::move(done)); });
  }
  std::string attach() { return attach(served.path()); }
  std::string detach(bool force = false) {
    return answer_to(
        [&](Hotplug::Done done) { hotplug.detach({served.path(), force}, std::move(done)); });
  }
  void wait_until_idle() {
    const auto promise = std::make_shared<std::promise<void>>();
    on_control([&] {
      if (!hotplug.busy()) return promise->set_value();
      hotplug.when_idle([promise] { promise->set_value(); });
    });
    promise->get_future().get();
  }
  // It is gone when the machine is, before the next one.
  void reboot_without_server() {
    on_control([this] {
      hotplug.use(nullptr);
      served.hang_up();
      while (served.in_use()) std::this_thread::yield();
      hotplug.drop_dead();
    });
    wait_until_idle();
  }
  void lose_server() {
    wait_for_unplug([this] { served.hang_up(); });
  }
  void fail_device() {
    wait_for_unplug(
        [this] { on_control([this] { EXPECT_TRUE(hotplug.unplug_failed(device_name())); }); });
  }
  std::string device_name() { return devices->session().device_name(0); }
  std::vector<std::string> states() {
    std::vector<std::string> states;
    on_control([&] {
      for (const api::DeviceStatus& device : hotplug.status()) states.push_back(device.state);
    });
    return states;
  }
  uint32_t free_ports() {
    uint32_t count = 0;
    on_control([&] { count = hotplug.free_ports(); });
    return count;
  }

  const LogCapture logged{log::Level::kInfo};  // before the threads
  ServedDevice served;
  const config::Config config = with_one_port();
  std::unique_ptr<EventLoopThread> control = std::make_unique<EventLoopThread>("control", nullptr);
  EventLoopThread io{"io", nullptr};
  std::unique_ptr<PassedDevices> devices = PassedDevices::take(config);
  FakePorts ports;
  std::vector<std::string> stuck;
  Hotplug hotplug{{.control = control->loop(),
                   .io_loop = io.loop(),
                   .devices = *devices,
                   .failed = [](const std::string&) {},
                   .cannot_leave = [this](const std::string& device) { stuck.push_back(device); },
                   .power_patience = std::chrono::milliseconds(0),
                   .eject_patience = std::chrono::milliseconds(0)}};
};

TEST_F(HotplugTest, Device_isSharedThenPluggedThenAnswered) {
  EXPECT_EQ(free_ports(), 1u);
  EXPECT_EQ(attach(), "done");
  EXPECT_THAT(ports.calls, ElementsAre("share", "plug"));
  EXPECT_THAT(states(), ElementsAre("attached"));
  EXPECT_EQ(free_ports(), 0u);
  EXPECT_EQ(devices->session().size(), 1u);
}

// What would take a server long is done before the guest pauses.
TEST_F(HotplugTest, Device_isReadByTheJob) {
  unsigned at_plug = 0;
  on_control([&] { ports.on_plug = [&] { at_plug = served.reads(); }; });
  attach();
  const auto snapshot = devices->slots()[0].functions[0].snapshot;
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(snapshot->spec.ids.vendor, CopyDevice::kVendor);
  EXPECT_GT(at_plug, 0u);
  EXPECT_EQ(served.reads(), at_plug);
}

TEST_F(HotplugTest, PlaceOnTheRootBus_isNoFreePort) {
  on_control([this] {
    ports.port = false;
    hotplug.use(&ports);
  });
  EXPECT_EQ(free_ports(), 0u);
}

TEST_F(HotplugTest, Device_leavesAfterTheGuestTookThePower) {
  attach();
  ports.calls.clear();
  EXPECT_EQ(detach(), "done");
  EXPECT_THAT(ports.calls, ElementsAre("press", "unplug", "withdraw 1"));
  EXPECT_THAT(states(), IsEmpty());
  EXPECT_EQ(devices->session().size(), 0u);
  EXPECT_EQ(attach(), "done") << "and comes again";
}

TEST_F(HotplugTest, GuestThatGivesNoPower_isToldOf_andTheDeviceStays) {
  ports.willing = false;
  EXPECT_THAT(attach(), HasSubstr("504: "));
  EXPECT_THAT(states(), ElementsAre("attached"));
  // It has no power, so nobody is asked.
  ports.calls.clear();
  EXPECT_EQ(detach(), "done");
  EXPECT_THAT(ports.calls, ElementsAre("unplug", "withdraw 1"));
}

TEST_F(HotplugTest, GuestThatDoesNotLetGo_keepsTheDevice_untilItIsForced) {
  attach();
  ports.willing = false;
  ports.calls.clear();
  EXPECT_THAT(detach(), testing::AllOf(HasSubstr("504: "), HasSubstr("--force")));
  EXPECT_THAT(ports.calls, ElementsAre("press"));
  EXPECT_THAT(states(), ElementsAre("attached"));
  EXPECT_EQ(detach(/*force=*/true), "done");
  EXPECT_THAT(ports.calls, ElementsAre("press", "unplug", "withdraw 1"));
}

// A server that does not answer would else hold the guest up.
TEST_F(HotplugTest, DeviceThatIsTakenOut_isAskedForASignOfLifeWhileTheGuestRuns) {
  attach();
  const unsigned before = served.reads();
  unsigned at_unplug = 0;
  on_control([&] { ports.on_unplug = [&] { at_unplug = served.reads(); }; });
  EXPECT_EQ(detach(/*force=*/true), "done");
  EXPECT_GT(at_unplug, before);
}

TEST_F(HotplugTest, PowerOffByTheGuestItself_takesNothingOut) {
  attach();
  ports.calls.clear();
  ports.power = false;
  hotplug.power_changed();
  on_control([] {});
  EXPECT_THAT(ports.calls, IsEmpty());
  EXPECT_THAT(states(), ElementsAre("attached"));
}

TEST_F(HotplugTest, DeviceThatDoesNotFit_isClosedAndThePortIsFree) {
  ports.refusal = std::make_exception_ptr(Error("no place"));
  EXPECT_THAT(attach(), HasSubstr("409: no place"));
  EXPECT_THAT(logged.text(), testing::AllOf(HasSubstr("cannot be plugged into the guest: no place"),
                                            testing::Not(HasSubstr("unplugged"))));
  EXPECT_THAT(ports.calls, ElementsAre("share", "withdraw 1"));
  EXPECT_EQ(devices->session().size(), 0u);
  EXPECT_EQ(free_ports(), 1u);
}

TEST_F(HotplugTest, DeviceThatThereIsNoMemoryFor_isClosedAndThePortIsFree) {
  ports.refusal = std::make_exception_ptr(std::bad_alloc());
  EXPECT_THAT(attach(), HasSubstr("409: std::bad_alloc"));
  EXPECT_THAT(ports.calls, ElementsAre("share", "withdraw 1"));
  EXPECT_EQ(free_ports(), 1u);
}

TEST_F(HotplugTest, DeviceThatMemoryCannotBeMappedFor_isClosedAndThePortIsFree) {
  ports.unmappable = std::make_exception_ptr(Error("no room"));
  EXPECT_THAT(attach(), HasSubstr("409: no room"));
  EXPECT_THAT(ports.calls, ElementsAre("share", "withdraw 1")) << "what was mapped before";
  EXPECT_EQ(devices->session().size(), 0u);
  EXPECT_EQ(free_ports(), 1u);
}

TEST_F(HotplugTest, DeviceThatIsNotThere_isRefusedAndThePortIsFree) {
  EXPECT_THAT(attach("/nowhere.sock"),
              testing::AllOf(HasSubstr("409: "), HasSubstr("/nowhere.sock")));
  EXPECT_EQ(free_ports(), 1u);
}

TEST_F(HotplugTest, WhatMakesNoSense_isRefusedAtOnce) {
  attach();
  on_control([this] {
    const auto never = [](const api::Result&) { FAIL(); };
    EXPECT_THROW(hotplug.attach({served.path()}, never), Error) << "it is there";
    EXPECT_THROW(hotplug.attach({"0000:01:00.0"}, never), Error) << "no port is free";
  });
  EXPECT_THAT(
      answer_to([&](Hotplug::Done done) { hotplug.detach({"0000:01:00.0"}, std::move(done)); }),
      HasSubstr("404: "));
}

TEST_F(HotplugTest, SecondWishForTheSame_isRefused) {
  attach();
  ports.willing = false;
  const auto first = std::make_shared<std::promise<std::string>>();
  on_control([&] {
    hotplug.detach({served.path()}, [first](const api::Result& result) {
      first->set_value(result.refusal ? result.refusal->error.describe() : "done");
    });
    EXPECT_THROW(hotplug.detach({served.path()}, nullptr), Error);
  });
  // But force overtakes it.
  EXPECT_EQ(detach(/*force=*/true), "done");
  EXPECT_THAT(first->get_future().get(), HasSubstr("force"));
}

TEST_F(HotplugTest, ServerThatIsGone_isUnpluggedByItself) {
  attach();
  lose_server();
  EXPECT_THAT(ports.calls, ElementsAre("press", "unplug", "withdraw 1"));
  EXPECT_EQ(free_ports(), 1u);
  EXPECT_THAT(stuck, IsEmpty());
  EXPECT_EQ(attach(), "done");
  lose_server();
  EXPECT_EQ(free_ports(), 1u) << "the next one too";
}

TEST_F(HotplugTest, ServerThatIsGone_isTornOutOfAGuestThatDoesNotLetGo) {
  attach();
  on_control([this] { ports.willing = false; });
  lose_server();
  EXPECT_THAT(ports.calls, ElementsAre("press", "unplug", "withdraw 1"));
  EXPECT_EQ(free_ports(), 1u);
}

TEST_F(HotplugTest, FailedDevice_isAskedFor) {
  attach();
  fail_device();
  EXPECT_THAT(ports.calls, ElementsAre("press", "unplug", "withdraw 1"));
  EXPECT_EQ(free_ports(), 1u);
  EXPECT_THAT(logged.text(), testing::Not(HasSubstr("by force")));
  EXPECT_EQ(attach(), "done") << "and comes again";
  on_control([this] { ports.willing = false; });
  EXPECT_THAT(detach(), HasSubstr("504: "));
  EXPECT_THAT(states(), ElementsAre("attached")) << "the guest may keep one that has not failed";
}

TEST_F(HotplugTest, FailedDevice_isTornOutOfAGuestThatDoesNotLetGo) {
  attach();
  on_control([this] { ports.willing = false; });
  fail_device();
  EXPECT_THAT(ports.calls, ElementsAre("press", "unplug", "withdraw 1"));
  EXPECT_THAT(logged.text(), HasSubstr("by force"));
  EXPECT_EQ(free_ports(), 1u);
  EXPECT_THAT(stuck, IsEmpty()) << "the guest goes on";
}

TEST_F(HotplugTest, DeviceThatFailsWhileItIsAskedFor_isNotAskedForAgain) {
  attach();
  on_control([this] { ports.willing = false; });
  wait_for_unplug([this] {
    on_control([this] {
      hotplug.detach({served.path()}, nullptr);
      EXPECT_TRUE(hotplug.unplug_failed(device_name()));
    });
  });
  EXPECT_THAT(ports.calls, ElementsAre("press", "unplug", "withdraw 1"));
}

TEST_F(HotplugTest, FailedDeviceOnTheRootBus_cannotLeave) {
  attach();
  ports.calls.clear();
  ports.port = false;
  on_control([this] { EXPECT_FALSE(hotplug.unplug_failed(device_name())); });
  EXPECT_THAT(ports.calls, IsEmpty());
  EXPECT_THAT(states(), ElementsAre("attached"));
}

TEST_F(HotplugTest, ServerThatIsGoneAtTheReboot_leavesBeforeTheNextGuest) {
  attach();
  ports.calls.clear();
  reboot_without_server();
  EXPECT_THAT(states(), IsEmpty());
  EXPECT_EQ(devices->session().size(), 0u);
  EXPECT_THAT(ports.calls, IsEmpty()) << "the machine is gone";
  EXPECT_THAT(hotplug.lost(), IsEmpty());
  EXPECT_THAT(logged.text(), HasSubstr(served.path() + " leaves the guest, which reboots"));
  on_control([this] { hotplug.use(&ports); });
  EXPECT_EQ(attach(), "done") << "and comes again";
}

TEST_F(HotplugTest, ServerOfADeviceOnTheRootBusThatIsGoneAtTheReboot_isNamed) {
  attach();
  on_control([this] {
    ports.port = false;
    hotplug.use(&ports);
  });
  reboot_without_server();
  EXPECT_THAT(hotplug.lost(), ElementsAre(served.path()));
  EXPECT_THAT(states(), ElementsAre("attached"));
}

TEST_F(HotplugTest, ServerThatIsThereAtTheReboot_stays) {
  attach();
  on_control([this] {
    hotplug.use(nullptr);
    hotplug.drop_dead();
  });
  wait_until_idle();
  EXPECT_THAT(states(), ElementsAre("attached"));
  EXPECT_EQ(devices->session().size(), 1u);
}

TEST_F(HotplugTest, Reboot_keepsWhatIsThere_andEndsWhatWasToLeave) {
  attach();
  FakePorts next;
  next.power = true;
  next.willing = false;
  on_control([&] { hotplug.use(nullptr); });
  EXPECT_THAT(states(), ElementsAre("attached"));
  on_control([&] { hotplug.use(&next); });
  EXPECT_EQ(answer_to([&](Hotplug::Done done) {
              hotplug.detach({served.path()}, std::move(done));
              hotplug.use(nullptr);
            }),
            "done");
  EXPECT_THAT(next.calls, ElementsAre("press")) << "the machine is gone";
  EXPECT_EQ(devices->session().size(), 0u);
}

}  // namespace
}  // namespace lintel
