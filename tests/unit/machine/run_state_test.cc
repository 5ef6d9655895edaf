// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/run_state.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace lintel {
namespace {

const auto nothing = [] {};

TEST(RunState, Running_LetsVcpusThroughAtOnce) {
  RunState state(1);
  state.resume();
  bool parked = false;
  EXPECT_TRUE(state.enter([&] { parked = true; }));
  EXPECT_FALSE(parked);
}

TEST(RunState, Stopped_TurnsVcpusAway) {
  RunState state(1);
  state.resume();
  state.stop();
  EXPECT_FALSE(state.enter(nothing));
}

TEST(RunState, ResumeAfterStop_StaysStopped) {
  RunState state(1);
  state.stop();
  state.resume();
  EXPECT_TRUE(state.stopping());
  EXPECT_FALSE(state.enter(nothing));
}

TEST(RunState, WaitParked_ReturnsWhenAllVcpusStandStill) {
  constexpr uint32_t kVcpus = 3;
  RunState state(kVcpus);
  std::atomic<uint32_t> ran{0};
  std::vector<std::thread> vcpus;
  for (uint32_t i = 0; i < kVcpus; ++i) {
    vcpus.emplace_back([&] {
      while (state.enter(nothing)) {
        if (ran.fetch_add(1) > 1000) std::this_thread::yield();
      }
    });
  }
  state.resume();
  state.pause();
  state.wait_parked();
  const uint32_t then = ran.load();
  state.pause();  // still paused: nothing moves
  EXPECT_EQ(ran.load(), then);
  state.stop();
  for (std::thread& vcpu : vcpus) vcpu.join();
}

TEST(RunState, WaitParked_DoesNotOutlastAStop) {
  RunState state(1);  // whose vCPU never comes
  state.resume();
  state.pause();
  std::thread waiter([&] { state.wait_parked(); });
  state.stop();
  waiter.join();
}

}  // namespace
}  // namespace lintel
