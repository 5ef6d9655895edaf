// SPDX-License-Identifier: Apache-2.0
#include "vmm/irq/merged_line.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <utility>

#include "vmm/base/error.h"

namespace lintel {

class MergedLine::Events final : public LevelEvents {
 public:
  Events(MergedLine& line, std::unique_ptr<LevelEvents> events)
      : line_(line), events_(std::move(events)) {
    line_.add(*events_);
  }
  ~Events() override {
    line_.remove(*events_);
    events_.reset();
    // The last one takes the line low with it.
    line_.assert_again();
  }

  int trigger_fd() const override { return events_->trigger_fd(); }
  int resample_fd() const override { return events_->resample_fd(); }

 private:
  MergedLine& line_;
  std::unique_ptr<LevelEvents> events_;
};

MergedLine::MergedLine(std::unique_ptr<IrqLine> input, EventLoop& loop)
    : input_(std::move(input)), loop_(loop) {}

MergedLine::~MergedLine() {
  loop_.run_sync([this] {
    loop_.remove(changed_.get());
    if (watch_ != nullptr) loop_.remove(watch_->resample_fd());
  });
}

std::unique_ptr<LevelEvents> MergedLine::make_level_events() {
  std::unique_ptr<LevelEvents> events = input_->make_level_events();
  if (events == nullptr) return nullptr;
  std::call_once(in_loop_, [this] {
    loop_.run_sync([this] {
      loop_.add(changed_.get(), EPOLLIN, [this](uint32_t) {
        changed_.consume();
        look();
      });
    });
  });
  return std::make_unique<Events>(*this, std::move(events));
}

void MergedLine::add(const LevelEvents& events) {
  MutexLock lock(mutex_);
  events_.push_back(&events);
  changed_.signal();
}

void MergedLine::remove(const LevelEvents& events) {
  MutexLock lock(mutex_);
  std::erase(events_, &events);
  changed_.signal();
}

void MergedLine::assert_again() {
  MutexLock lock(mutex_);
  if (level_) input_->set(true);
}

void MergedLine::set(bool level) {
  MutexLock lock(mutex_);
  level_ = level;
  input_->set(level);
  if (level) {
    if (!watching_ && !events_.empty()) changed_.signal();
    return;
  }
  for (const LevelEvents* events : events_) {
    // Fails only when the counter is full: then a signal waits there anyway.
    eventfd_write(events->resample_fd(), 1);
  }
}

void MergedLine::look() {
  bool watching = false;
  bool wanted = false;
  {
    MutexLock lock(mutex_);
    watching = watching_;
    wanted = !events_.empty() && (watching_ || level_);
    watching_ = wanted;
    idle_ = 0;
  }
  if (wanted && !watching) start_watch();
  if (!wanted && watching) stop_watch();
}

void MergedLine::start_watch() {
  try {
    watch_ = input_->make_level_events();
    if (watch_ != nullptr) {
      loop_.add(watch_->resample_fd(), EPOLLIN, [this](uint32_t) { interrupt_ended(); });
    }
  } catch (const Error& error) {
    watch_.reset();
    refused_.warn("Interrupts of PCI pins that share an input may be lost: {}", error.describe());
  }
  if (watch_ == nullptr) {
    MutexLock lock(mutex_);
    watching_ = false;
  }
  // Interrupts may have ended before we saw it.
  assert_again();
}

void MergedLine::stop_watch() {
  loop_.remove(watch_->resample_fd());
  watch_.reset();
  assert_again();
}

void MergedLine::interrupt_ended() {
  eventfd_t ends = 0;
  if (eventfd_read(watch_->resample_fd(), &ends) != 0) return;
  {
    MutexLock lock(mutex_);
    if (level_) {
      idle_ = 0;
      input_->set(true);
      return;
    }
    if (++idle_ < kPatience) return;
    watching_ = false;
  }
  stop_watch();
}

}  // namespace lintel
