// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/event_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "vmm/base/error.h"

namespace lintel {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

void fail_on_error(std::exception_ptr) {
  ADD_FAILURE() << "a callback threw";
}

TEST(EventLoop, Calls_back_while_a_descriptor_is_ready) {
  EventLoop loop;
  EventFd event;
  int calls = 0;
  loop.add(event.get(), EPOLLIN, [&](uint32_t events) {
    EXPECT_NE(events & EPOLLIN, 0u);
    if (++calls == 3) {
      event.consume();
      loop.stop();
    }
  });
  event.signal();
  loop.run();
  EXPECT_EQ(calls, 3);
}

TEST(EventLoop, Callback_may_remove_another_ready_descriptor) {
  EventLoop loop;
  EventFd first;
  EventFd second;
  int calls = 0;
  const auto callback = [&](uint32_t) {
    ++calls;
    loop.remove(first.get());
    loop.remove(second.get());
    loop.stop();
  };
  loop.add(first.get(), EPOLLIN, callback);
  loop.add(second.get(), EPOLLIN, callback);
  first.signal();
  second.signal();
  loop.run();
  EXPECT_EQ(calls, 1);
}

TEST(EventLoop, Callback_may_remove_itself_and_still_use_its_captures) {
  EventLoop loop;
  EventFd event;
  std::string seen;
  loop.add(event.get(), EPOLLIN, [&, text = std::string(100, 'x')](uint32_t) {
    loop.remove(event.get());
    seen = text;
    loop.stop();
  });
  event.signal();
  loop.run();
  EXPECT_EQ(seen, std::string(100, 'x'));
}

TEST(EventLoop, Descriptor_that_cannot_be_watched_is_an_error) {
  EventLoop loop;
  EXPECT_THROW(loop.add(-1, EPOLLIN, [](uint32_t) {}), Error);
}

TEST(EventLoop, Timers_fire_in_order_and_cancelled_ones_do_not) {
  EventLoop loop;
  std::vector<int> fired;
  loop.add_timer(milliseconds(2), [&] {
    fired.push_back(2);
    loop.stop();
  });
  loop.add_timer(milliseconds(1), [&] { fired.push_back(1); });
  loop.add_timer(hours(1), [&] { fired.push_back(9); });
  const uint64_t cancelled = loop.add_timer(milliseconds(0), [&] { fired.push_back(0); });
  loop.cancel_timer(cancelled);
  loop.run();
  EXPECT_EQ(fired, (std::vector<int>{1, 2}));
}

TEST(EventLoop, Timer_may_cancel_another_that_is_due) {
  EventLoop loop;
  bool fired = false;
  uint64_t second = 0;
  loop.add_timer(milliseconds(-2), [&] {
    loop.cancel_timer(second);
    loop.stop();
  });
  second = loop.add_timer(milliseconds(-1), [&] { fired = true; });
  loop.run();
  EXPECT_FALSE(fired);
}

TEST(EventLoop, Posted_tasks_run_in_order_on_the_loops_thread) {
  EventLoopThread thread("test", fail_on_error);
  std::vector<int> order;
  std::promise<std::thread::id> where;
  for (int i = 0; i < 100; ++i) thread.loop().post([&order, i] { order.push_back(i); });
  thread.loop().post([&] { where.set_value(std::this_thread::get_id()); });
  EXPECT_NE(where.get_future().get(), std::this_thread::get_id());
  ASSERT_EQ(order.size(), 100u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(EventLoop, Tasks_that_post_tasks_leave_descriptors_their_turn) {
  EventLoop loop;
  EventFd event;
  loop.add(event.get(), EPOLLIN, [&](uint32_t) { loop.stop(); });
  event.signal();
  int posted = 0;
  std::function<void()> again = [&] {
    if (++posted < 1000) loop.post(again);
  };
  loop.post(again);
  loop.run();
  EXPECT_LT(posted, 1000);
}

TEST(EventLoop, Told_often_while_a_task_waits_it_runs_once) {
  EventLoop loop;
  int runs = 0;
  std::function<void()> tell;
  tell = loop.posting_once([&] {
    if (++runs != 1) return;
    tell();
    tell();
    loop.post([&] { loop.stop(); });
  });
  for (int i = 0; i < 3; ++i) tell();
  loop.run();
  EXPECT_EQ(runs, 2);
}

TEST(EventLoop, Run_sync_waits_for_the_loops_thread) {
  EventLoopThread thread("test", fail_on_error);
  std::thread::id where;
  thread.loop().run_sync([&] { where = std::this_thread::get_id(); });
  EXPECT_NE(where, std::thread::id());
  EXPECT_NE(where, std::this_thread::get_id());
}

TEST(EventLoop, Run_sync_from_the_loops_thread_or_without_one_runs_in_place) {
  EventLoop idle;
  bool ran = false;
  idle.run_sync([&] { ran = true; });
  EXPECT_TRUE(ran);
  EventLoopThread thread("test", fail_on_error);
  int depth = 0;
  thread.loop().run_sync([&] { thread.loop().run_sync([&] { depth = 2; }); });
  EXPECT_EQ(depth, 2);
}

TEST(EventLoop, Run_sync_hands_an_exception_to_its_caller_alone) {
  EventLoopThread thread("test", fail_on_error);
  EXPECT_THROW(thread.loop().run_sync([] { throw Error("no"); }), Error);
  bool ran = false;
  thread.loop().run_sync([&] { ran = true; });
  EXPECT_TRUE(ran);
}

TEST(EventLoop, Exception_from_a_callback_leaves_run) {
  EventLoop loop;
  loop.post([] { throw Error("out"); });
  EXPECT_THROW(loop.run(), Error);
}

TEST(EventLoop, Thread_reports_exceptions_and_goes_on) {
  std::atomic<int> errors{0};
  EventLoopThread thread("test", [&](std::exception_ptr) { ++errors; });
  thread.loop().post([] { throw Error("one"); });
  thread.loop().post([] { throw Error("two"); });
  bool ran = false;
  thread.loop().run_sync([&] { ran = true; });
  EXPECT_TRUE(ran);
  EXPECT_EQ(errors.load(), 2);
}

TEST(EventLoop, Stop_before_run_returns_at_once) {
  EventLoop loop;
  loop.stop();
  loop.run();
}

// Callers from other threads while the loop ends: each task runs exactly once, and nobody hangs.
TEST(EventLoop, Run_sync_racing_with_stop_runs_each_task_once) {
  for (int round = 0; round < 50; ++round) {
    EventLoop loop;
    std::promise<void> running;
    loop.post([&] { running.set_value(); });
    std::thread runner([&] { loop.run(); });
    running.get_future().wait();
    constexpr int kCallers = 3;
    std::array<std::atomic<int>, kCallers> ran{};
    std::vector<std::thread> callers;
    for (int i = 0; i < kCallers; ++i) {
      callers.emplace_back(
          [&loop, &ran, i] { loop.run_sync([&ran, i] { ++ran[static_cast<size_t>(i)]; }); });
    }
    loop.stop();
    for (std::thread& caller : callers) caller.join();
    runner.join();
    for (const auto& count : ran) EXPECT_EQ(count.load(), 1);
  }
}

// Tasks behind the one that threw are not lost.
TEST(EventLoop, Loop_that_ended_by_an_exception_can_run_again) {
  EventLoop loop;
  int ran = 0;
  loop.post([] { throw Error("out"); });
  loop.post([&] {
    ++ran;
    loop.stop();
  });
  EXPECT_THROW(loop.run(), Error);
  loop.run_sync([] {});
  loop.run();
  EXPECT_EQ(ran, 1);
}

}  // namespace
}  // namespace lintel
