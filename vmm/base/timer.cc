// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/timer.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "vmm/base/error.h"

namespace lintel {

LoopTimer::LoopTimer(EventLoop& loop)
    : loop_(loop), fd_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  if (!fd_) throw_errno(errno, "Cannot create a timer");
  loop_.run_sync([this] {
    loop_.add(fd_.get(), EPOLLIN, [this](uint32_t) {
      uint64_t expiries = 0;
      // Nothing to read: armed anew between the expiry and here.
      if (::read(fd_.get(), &expiries, sizeof expiries) != sizeof expiries) return;
      if (callback_) callback_();
    });
  });
}

LoopTimer::~LoopTimer() {
  loop_.run_sync([this] { loop_.remove(fd_.get()); });
}

void LoopTimer::on_expiry(std::function<void()> callback) {
  loop_.run_sync([&] { callback_ = std::move(callback); });
}

void LoopTimer::arm(std::chrono::nanoseconds delay) {
  // A zero it_value would disarm (timerfd_settime(2)).
  const auto count = std::max<int64_t>(delay.count(), 1);
  itimerspec setting{};
  setting.it_value.tv_sec = count / 1'000'000'000;
  setting.it_value.tv_nsec = count % 1'000'000'000;
  timerfd_settime(fd_.get(), 0, &setting, nullptr);
}

void LoopTimer::disarm() {
  const itimerspec setting{};
  timerfd_settime(fd_.get(), 0, &setting, nullptr);
}

}  // namespace lintel
