// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/event_loop.h"

#include <pthread.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "vmm/base/error.h"

namespace lintel {

EventLoop::EventLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) throw_errno(errno, "Cannot create an epoll instance");
  add(wake_.get(), EPOLLIN, [this](uint32_t) { wake_.consume(); });
}

EventLoop::~EventLoop() = default;

void EventLoop::add(int fd, uint32_t events, Callback callback) {
  auto entry = std::make_shared<Entry>(Entry{fd, std::move(callback)});
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    throw_errno(errno, "Cannot watch file descriptor {}", fd);
  }
  entries_[fd] = std::move(entry);
}

void EventLoop::modify(int fd, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) != 0) {
    throw_errno(errno, "Cannot change the watch of file descriptor {}", fd);
  }
}

void EventLoop::remove(int fd) {
  if (entries_.erase(fd) != 0) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

uint64_t EventLoop::add_timer(Clock::duration delay, std::function<void()> callback) {
  const uint64_t id = next_timer_++;
  timers_.emplace(Clock::now() + delay, std::make_pair(id, std::move(callback)));
  return id;
}

void EventLoop::cancel_timer(uint64_t id) {
  std::erase_if(timers_, [id](const auto& timer) { return timer.second.first == id; });
}

void EventLoop::post(std::function<void()> task) {
  {
    MutexLock lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  wake_.signal();
}

void EventLoop::run_sync(const std::function<void()>& task) {
  {
    MutexLock lock(mutex_);
    if (running_ && thread_ != std::this_thread::get_id()) {
      // Shared with the task: an exception must not leave a dangling reference behind.
      auto done = std::make_shared<bool>(false);
      tasks_.emplace_back([this, done, &task] {
        std::exception_ptr failure;
        try {
          task();
        } catch (...) {
          failure = std::current_exception();
        }
        {
          MutexLock inner(mutex_);
          *done = true;
        }
        changed_.notify_all();
        if (failure) std::rethrow_exception(failure);
      });
      wake_.signal();
      while (!*done && running_) changed_.wait(mutex_);
      if (*done) return;
      // The loop ended before it came to the task: drop it there, run it here.
      tasks_.clear();
    }
  }
  task();
}

int EventLoop::next_timeout_ms() {
  if (timers_.empty()) return -1;
  const auto delay = timers_.begin()->first - Clock::now();
  if (delay <= Clock::duration::zero()) return 0;
  // Rounded up, so that the loop does not spin in the timer's last millisecond.
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(delay).count();
  return static_cast<int>(std::min<int64_t>(ms, 1 << 30));
}

void EventLoop::fire_timers() {
  const auto now = Clock::now();
  while (!timers_.empty() && timers_.begin()->first <= now) {
    auto node = timers_.extract(timers_.begin());
    node.mapped().second();
  }
}

void EventLoop::drain_tasks() {
  while (true) {
    std::function<void()> task;
    {
      MutexLock lock(mutex_);
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.erase(tasks_.begin());
    }
    task();
  }
}

void EventLoop::run() {
  {
    MutexLock lock(mutex_);
    running_ = true;
    thread_ = std::this_thread::get_id();
  }
  struct Leave {
    EventLoop& loop;
    ~Leave() {
      MutexLock lock(loop.mutex_);
      loop.running_ = false;
      loop.changed_.notify_all();
    }
  } leave{*this};

  while (!stopping_.load(std::memory_order_acquire)) {
    drain_tasks();
    if (stopping_.load(std::memory_order_acquire)) break;
    std::array<epoll_event, 16> ready;
    const int count = epoll_wait(epoll_.get(), ready.data(), ready.size(), next_timeout_ms());
    if (count < 0 && errno != EINTR) throw_errno(errno, "Cannot wait for events");
    for (int i = 0; i < count; ++i) {
      const auto& event = ready[static_cast<size_t>(i)];
      const auto found = entries_.find(event.data.fd);
      if (found == entries_.end()) continue;  // removed by a callback before it in this batch
      const std::shared_ptr<Entry> entry = found->second;
      entry->callback(event.events);
    }
    fire_timers();
  }
}

void EventLoop::stop() {
  stopping_.store(true, std::memory_order_release);
  wake_.signal();
}

EventLoopThread::EventLoopThread(const std::string& name,
                                 std::function<void(std::exception_ptr)> on_error)
    : thread_([this, name, on_error = std::move(on_error)] {
        set_thread_name(name);
        while (!stop_.load()) {
          try {
            loop_.run();
          } catch (...) {
            on_error(std::current_exception());
          }
        }
      }) {}

EventLoopThread::~EventLoopThread() {
  stop_.store(true);
  loop_.stop();
  thread_.join();
}

void set_thread_name(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

}  // namespace lintel
