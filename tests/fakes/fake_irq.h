// SPDX-License-Identifier: Apache-2.0
// Interrupt outputs that remember. They must outlive the devices that use them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "vmm/base/error.h"
#include "vmm/base/sync.h"
#include "vmm/base/unique_fd.h"
#include "vmm/irq/irq.h"

namespace lintel {

class FakeIrqLine final : public IrqLine {
 public:
  void set(bool level) override {
    MutexLock lock(mutex_);
    if (level && !level_) ++rises_;
    level_ = level;
  }
  bool level() const {
    MutexLock lock(mutex_);
    return level_;
  }
  // How often the line went from low to high.
  unsigned rises() const {
    MutexLock lock(mutex_);
    return rises_;
  }

 private:
  mutable Mutex mutex_;
  bool level_ GUARDED_BY(mutex_) = false;
  unsigned rises_ GUARDED_BY(mutex_) = 0;
};

// Nothing is in the kernel here: a signal of a vector's eventfd is for the test to see.
class FakeMsiSink final : public MsiSink {
 public:
  std::unique_ptr<MsiVector> make_vector(uint16_t requester) override {
    MutexLock lock(mutex_);
    if (vectors_left_ == 0) throw Error("No interrupt vector left");
    --vectors_left_;
    requesters_.push_back(requester);
    return std::make_unique<Vector>(*this);
  }

  // The next `count` vectors can be made, no more.
  void limit(unsigned count) {
    MutexLock lock(mutex_);
    vectors_left_ = count;
  }
  // Who asked for a vector, in order.
  std::vector<uint16_t> requesters() const {
    MutexLock lock(mutex_);
    return requesters_;
  }
  // The messages that were sent since the last call.
  std::vector<MsiMessage> take_sent() {
    MutexLock lock(mutex_);
    return std::exchange(sent_, {});
  }
  // How often a vector's route was changed, in all.
  unsigned route_changes() const {
    MutexLock lock(mutex_);
    return route_changes_;
  }

 private:
  class Vector final : public MsiVector {
   public:
    explicit Vector(FakeMsiSink& sink) : sink_(sink) {}
    void route(std::optional<MsiMessage> message) override {
      MutexLock lock(sink_.mutex_);
      ++sink_.route_changes_;
      message_ = message;
    }
    bool trigger() override {
      MutexLock lock(sink_.mutex_);
      if (!message_) return false;
      sink_.sent_.push_back(*message_);
      return true;
    }
    int event_fd() override { return event_.get(); }

   private:
    FakeMsiSink& sink_;
    std::optional<MsiMessage> message_;  // under the sink's lock
    EventFd event_;
  };

  mutable Mutex mutex_;
  unsigned vectors_left_ GUARDED_BY(mutex_) = UINT32_MAX;
  std::vector<uint16_t> requesters_ GUARDED_BY(mutex_);
  std::vector<MsiMessage> sent_ GUARDED_BY(mutex_);
  unsigned route_changes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace lintel
