// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/input_pump.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "vmm/base/error.h"

namespace lintel {

InputPump::InputPump(EventLoop& loop, UniqueFd fd, Hooks hooks)
    : loop_(loop), fd_(std::move(fd)), hooks_(std::move(hooks)) {}

InputPump::~InputPump() {
  stop_watching();
}

void InputPump::resume() {
  if (!deliver()) return;
  if (pollable_ && !hung_up_ && !watching_) watch();
  while (!pollable_ && !at_end_) {
    if (!read_some()) {
      at_end_ = true;
      hung_up_ = true;
    }
    if (!deliver()) return;
  }
  end_if_done();
}

void InputPump::on_ready(uint32_t events) {
  if (!at_end_) {
    at_end_ = !read_some();
    if (at_end_ && (events & (EPOLLHUP | EPOLLERR)) == 0) {
      // Half closed: it may still listen. Watching for nothing tells when it hangs up.
      loop_.modify(fd_.get(), 0);
    }
  }
  if (at_end_ && (events & (EPOLLHUP | EPOLLERR)) != 0) {
    hung_up_ = true;
    stop_watching();
  }
  // Unwatched, for a level-triggered descriptor would ring on and on.
  if (!deliver()) stop_watching();
  end_if_done();
}

bool InputPump::read_some() {
  std::array<std::byte, 4096> buffer;
  const ssize_t count = ::read(fd_.get(), buffer.data(), buffer.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (count <= 0) return false;
  const auto bytes = std::span(buffer).first(static_cast<size_t>(count));
  if (hooks_.filter) {
    const std::vector<std::byte> passed = hooks_.filter(bytes);
    held_.insert(held_.end(), passed.begin(), passed.end());
  } else {
    held_.insert(held_.end(), bytes.begin(), bytes.end());
  }
  return true;
}

bool InputPump::deliver() {
  if (held_.empty()) return true;
  const size_t taken = hooks_.deliver(held_);
  held_.erase(held_.begin(), held_.begin() + static_cast<ptrdiff_t>(taken));
  return held_.empty();
}

void InputPump::watch() {
  const uint32_t events = at_end_ ? 0u : static_cast<uint32_t>(EPOLLIN);
  try {
    loop_.add(fd_.get(), events, [this](uint32_t ready) { on_ready(ready); });
    watching_ = true;
  } catch (const Error& error) {
    if (error.errno_value() != EPERM) throw;
    pollable_ = false;
  }
}

void InputPump::stop_watching() {
  if (!watching_) return;
  loop_.remove(fd_.get());
  watching_ = false;
}

void InputPump::end_if_done() {
  if (!hung_up_ || !held_.empty() || !hooks_.ended) return;
  const auto ended = hooks_.ended;  // a copy: the original may go away with the pump
  ended();
}

}  // namespace lintel
