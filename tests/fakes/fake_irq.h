// SPDX-License-Identifier: Apache-2.0
// Interrupt inputs and vectors that remember what devices did with them.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "vmm/base/error.h"
#include "vmm/base/sync.h"
#include "vmm/base/unique_fd.h"
#include "vmm/irq/irq.h"

namespace lintel {

class FakeLevelEvents final : public LevelEvents {
 public:
  int trigger_fd() const override { return trigger_.get(); }
  int resample_fd() const override { return resample_.get(); }

 private:
  EventFd trigger_;
  EventFd resample_;
};

class FakeIrqLine final : public IrqLine {
 public:
  std::unique_ptr<LevelEvents> make_level_events() override {
    MutexLock lock(mutex_);
    if (!has_level_events_) return nullptr;
    auto events = std::make_unique<FakeLevelEvents>();
    level_events_ = events.get();
    return events;
  }
  void without_level_events() {
    MutexLock lock(mutex_);
    has_level_events_ = false;
  }
  // The last that was made; valid as long as its owner keeps it.
  FakeLevelEvents* level_events() {
    MutexLock lock(mutex_);
    return level_events_;
  }

  void set(bool level) override {
    MutexLock lock(mutex_);
    ++sets_;
    if (level && !level_) ++rises_;
    level_ = level;
  }

  bool level() {
    MutexLock lock(mutex_);
    return level_;
  }
  // How often the level went from false to true.
  unsigned rises() {
    MutexLock lock(mutex_);
    return rises_;
  }
  // How often a device called `set`.
  unsigned sets() {
    MutexLock lock(mutex_);
    return sets_;
  }

 private:
  Mutex mutex_;
  bool level_ GUARDED_BY(mutex_) = false;
  unsigned rises_ GUARDED_BY(mutex_) = 0;
  unsigned sets_ GUARDED_BY(mutex_) = 0;
  bool has_level_events_ GUARDED_BY(mutex_) = true;
  FakeLevelEvents* level_events_ GUARDED_BY(mutex_) = nullptr;
};

// Does for an attached eventfd what the kernel would, when it is told to.
class FakeEdgeInputs final : public EdgeInputs {
 public:
  void pulse(Gsi input) override {
    MutexLock lock(mutex_);
    pulses_.push_back(input);
  }
  void attach(int event_fd, Gsi input) override {
    MutexLock lock(mutex_);
    if (refuse_) throw Error("No eventfds left");
    attached_.emplace_back(event_fd, input);
    deliver(attached_.back());
  }
  void detach(int event_fd, Gsi input) override {
    MutexLock lock(mutex_);
    std::erase(attached_, std::pair(event_fd, input));
  }

  void refuse(bool refuse) {
    MutexLock lock(mutex_);
    refuse_ = refuse;
  }
  void deliver_events() {
    MutexLock lock(mutex_);
    for (const auto& each : attached_) deliver(each);
  }
  size_t attached() {
    MutexLock lock(mutex_);
    return attached_.size();
  }
  std::vector<Gsi> take() {
    MutexLock lock(mutex_);
    return std::exchange(pulses_, {});
  }

 private:
  void deliver(const std::pair<int, Gsi>& attached) REQUIRES(mutex_) {
    uint64_t count = 0;
    if (::read(attached.first, &count, sizeof count) == sizeof count) {
      pulses_.push_back(attached.second);
    }
  }

  Mutex mutex_;
  bool refuse_ GUARDED_BY(mutex_) = false;
  std::vector<std::pair<int, Gsi>> attached_ GUARDED_BY(mutex_);
  std::vector<Gsi> pulses_ GUARDED_BY(mutex_);
};

// What all vectors of a sink sent, and what became of each.
class FakeMsiLog {
 public:
  void sent(const MsiMessage& message) {
    MutexLock lock(mutex_);
    messages_.push_back(message);
  }
  std::vector<MsiMessage> take() {
    MutexLock lock(mutex_);
    return std::exchange(messages_, {});
  }

 private:
  Mutex mutex_;
  std::vector<MsiMessage> messages_ GUARDED_BY(mutex_);
};

class FakeMsiVector final : public MsiVector {
 public:
  FakeMsiVector(std::shared_ptr<FakeMsiLog> log, uint16_t requester)
      : log_(std::move(log)), requester_(requester) {}

  void route(std::optional<MsiMessage> message) override {
    MutexLock lock(mutex_);
    ++route_changes_;
    message_ = message;
  }
  bool trigger() override {
    MutexLock lock(mutex_);
    if (!message_) return false;
    log_->sent(*message_);
    return true;
  }
  int event_fd() override { return event_.get(); }
  bool pending() override {
    MutexLock lock(mutex_);
    return !message_ && event_.is_signalled();
  }
  void forget_pending() override {
    MutexLock lock(mutex_);
    if (!message_) event_.consume();
  }

  void signal_event() { event_.signal(); }
  // Does what the kernel would do with a signalled event descriptor.
  bool deliver_event() {
    MutexLock lock(mutex_);
    if (!message_ || !event_.consume()) return false;
    log_->sent(*message_);
    return true;
  }
  std::optional<MsiMessage> routed() {
    MutexLock lock(mutex_);
    return message_;
  }
  // How often the device called `route`.
  unsigned route_changes() {
    MutexLock lock(mutex_);
    return route_changes_;
  }
  uint16_t requester() const { return requester_; }

 private:
  const std::shared_ptr<FakeMsiLog> log_;
  const uint16_t requester_;
  EventFd event_;
  Mutex mutex_;
  std::optional<MsiMessage> message_ GUARDED_BY(mutex_);
  unsigned route_changes_ GUARDED_BY(mutex_) = 0;
};

class FakeMsiSink final : public MsiSink {
 public:
  std::unique_ptr<MsiVector> make_vector(uint16_t requester) override {
    MutexLock lock(mutex_);
    if (vectors_left_ == 0) throw Error("No interrupt vector left");
    --vectors_left_;
    auto vector = std::make_unique<FakeMsiVector>(log_, requester);
    vectors_.push_back(vector.get());
    return vector;
  }
  void route(std::span<const MsiRoute> routes) override {
    {
      MutexLock lock(mutex_);
      if (!routes.empty()) changes_.push_back(routes.size());
    }
    MsiSink::route(routes);
  }

  // Of how many vectors each change of routes since the last call was.
  std::vector<size_t> take_changes() {
    MutexLock lock(mutex_);
    return std::exchange(changes_, {});
  }
  // The host makes `count` more vectors and then fails.
  void limit(unsigned count) {
    MutexLock lock(mutex_);
    vectors_left_ = count;
  }
  // Every message sent since the last call, in order.
  std::vector<MsiMessage> take() { return log_->take(); }
  // In order of making; each is valid as long as its owner keeps it.
  std::vector<FakeMsiVector*> vectors() {
    MutexLock lock(mutex_);
    return vectors_;
  }

 private:
  const std::shared_ptr<FakeMsiLog> log_ = std::make_shared<FakeMsiLog>();
  Mutex mutex_;
  unsigned vectors_left_ GUARDED_BY(mutex_) = UINT32_MAX;
  std::vector<FakeMsiVector*> vectors_ GUARDED_BY(mutex_);
  std::vector<size_t> changes_ GUARDED_BY(mutex_);
};

}  // namespace lintel
