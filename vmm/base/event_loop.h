// SPDX-License-Identifier: Apache-2.0
// An epoll loop for one thread. Descriptors and timers call back on the loop's thread.
//
// Threads: `run` on the owner's thread; `post`, `run_sync` and `stop` from any thread; everything
// else on the loop's thread, or before `run` starts.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <thread>

#include "vmm/base/sync.h"
#include "vmm/base/unique_fd.h"

namespace lintel {

class EventLoop {
 public:
  using Callback = std::function<void(uint32_t epoll_events)>;
  using Clock = std::chrono::steady_clock;

  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Calls `callback` while `fd` is ready for `events` (EPOLLIN, ...; level triggered). The caller
  // keeps the descriptor open until `remove`. Throws Error, for example for a regular file.
  void add(int fd, uint32_t events, Callback callback);
  void modify(int fd, uint32_t events);
  // A callback may remove its own or another descriptor; a removed one is not called again.
  void remove(int fd);

  // Calls once after `delay`. Returns an id for `cancel_timer`; a fired timer's id is dead.
  uint64_t add_timer(Clock::duration delay, std::function<void()> callback);
  void cancel_timer(uint64_t id);

  // Runs `task` on the loop's thread, in order of posting. Tasks posted to a loop that has stopped
  // run in its destructor's thread never: they are dropped.
  void post(std::function<void()> task);
  // What posts `task` unless it waits already, from any thread: for what others may tell us faster
  // than we work. What is told while it runs makes it run again.
  [[nodiscard]] std::function<void()> posting_once(std::function<void()> task);
  // Runs `task` on the loop's thread and waits for it. Runs it at once when called on that thread
  // or while the loop is not running. What `task` throws, the caller gets.
  void run_sync(const std::function<void()>& task);

  // Dispatches until `stop`. An exception from a callback goes to `on_error`, and the loop goes on;
  // without one, it leaves through here.
  void run(const std::function<void(std::exception_ptr)>& on_error = nullptr);
  void stop();

 private:
  struct Entry {
    int fd;
    Callback callback;
  };

  void dispatch();
  void drain_tasks();
  int next_timeout_ms();
  void fire_timers();

  UniqueFd epoll_;
  EventFd wake_;
  std::map<int, std::shared_ptr<Entry>> entries_;
  std::multimap<Clock::time_point, std::pair<uint64_t, std::function<void()>>> timers_;
  uint64_t next_timer_ = 1;
  std::atomic<bool> stopping_{false};

  Mutex mutex_;
  Condition changed_;
  std::deque<std::function<void()>> tasks_ GUARDED_BY(mutex_);
  bool running_ GUARDED_BY(mutex_) = false;
  std::thread::id thread_ GUARDED_BY(mutex_);
};

// A named thread that runs a loop. An exception that leaves a callback is handed to `on_error` on
// that thread, and the loop keeps going: one bad device must not silence the others.
class EventLoopThread {
 public:
  // Returns when the loop runs, so that `run_sync` means that thread from the start.
  EventLoopThread(const std::string& name, std::function<void(std::exception_ptr)> on_error);
  ~EventLoopThread();
  EventLoop& loop() { return loop_; }

 private:
  EventLoop loop_;
  std::thread thread_;
};

// Names the calling thread, for debuggers and `ps -L`; the kernel keeps 15 characters.
void set_thread_name(const std::string& name);

}  // namespace lintel
