// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/event_loop.h"

#include <pthread.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <future>
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

std::function<void()> EventLoop::posting_once(std::function<void()> task) {
  return [this, task = std::move(task), waits = std::make_shared<std::atomic<bool>>(false)] {
    if (waits->exchange(true)) return;
    post([task, waits] {
      waits->store(false);
      task();
    });
  };
}

void EventLoop::run_sync(const std::function<void()>& task) {
  // Outlives this call where the task stays behind in the queue of a loop that ended.
  struct Call {
    enum { kQueued, kDone, kAbandoned } state = kQueued;
    std::exception_ptr failure;
  };
  {
    MutexLock lock(mutex_);
    if (running_ && thread_ != std::this_thread::get_id()) {
      auto call = std::make_shared<Call>();
      tasks_.emplace_back([this, call, &task] {
        {
          MutexLock inner(mutex_);
          if (call->state == Call::kAbandoned) return;
        }
        try {
          task();
        } catch (...) {
          call->failure = std::current_exception();
        }
        {
          MutexLock inner(mutex_);
          call->state = Call::kDone;
        }
        changed_.notify_all();
      });
      wake_.signal();
      while (call->state != Call::kDone && running_) changed_.wait(mutex_);
      if (call->state == Call::kDone) {
        if (call->failure) std::rethrow_exception(std::exchange(call->failure, nullptr));
        return;
      }
      call->state = Call::kAbandoned;
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

// Only those that are there now: tasks that post tasks must not starve the descriptors.
void EventLoop::drain_tasks() {
  size_t left = 0;
  {
    MutexLock lock(mutex_);
    left = tasks_.size();
  }
  for (; left != 0; --left) {
    std::function<void()> task;
    {
      MutexLock lock(mutex_);
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

void EventLoop::dispatch() {
  drain_tasks();
  if (stopping_.load(std::memory_order_acquire)) return;
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

void EventLoop::run(const std::function<void(std::exception_ptr)>& on_error) {
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
    try {
      dispatch();
    } catch (...) {
      if (!on_error) throw;
      on_error(std::current_exception());
    }
  }
}

void EventLoop::stop() {
  stopping_.store(true, std::memory_order_release);
  wake_.signal();
}

EventLoopThread::EventLoopThread(const std::string& name,
                                 std::function<void(std::exception_ptr)> on_error) {
  std::promise<void> running;
  loop_.post([&running] { running.set_value(); });
  thread_ = std::thread([this, name, on_error = std::move(on_error)] {
    set_thread_name(name);
    loop_.run(on_error);
  });
  running.get_future().wait();
}

EventLoopThread::~EventLoopThread() {
  loop_.stop();
  thread_.join();
}

void set_thread_name(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

}  // namespace lintel
