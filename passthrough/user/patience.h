// SPDX-License-Identifier: Apache-2.0
// How long a server may keep a thread waiting with what a guest does at once, in however many
// messages.
#pragma once

#include <chrono>
#include <thread>
#include <vector>

#include "vmm/base/clock.h"
#include "vmm/base/sync.h"

namespace lintel::passthrough::user {

// Threads: any; each has an operation of its own.
class Patience {
 public:
  using Time = std::chrono::nanoseconds;

  // The clock outlives this object.
  Patience(Time budget, const Clock& clock) : budget_(budget), clock_(clock) {}

  // Between the two calls all messages of the thread share the budget. An operation inside another
  // is a part of it.
  void begin();
  void end();

  // Of the thread's operation, or of a single message outside one. Zero: it is used up.
  Time left() const;
  Time budget() const { return budget_; }

  // Takes the time of its life from what is left.
  class Wait {
   public:
    explicit Wait(Patience& patience) : patience_(patience), start_(patience.clock_.monotonic()) {}
    ~Wait() { patience_.spend(patience_.clock_.monotonic() - start_); }
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;

   private:
    Patience& patience_;
    const Time start_;
  };

 private:
  struct Operation {
    std::thread::id thread;
    unsigned depth = 1;
    Time left;
  };
  using Operations = std::vector<Operation>;

  void spend(Time time);
  template <typename All>
  static auto find(All& all);

  const Time budget_;
  const Clock& clock_;
  mutable Mutex mutex_;
  Operations operations_ GUARDED_BY(mutex_);
};

}  // namespace lintel::passthrough::user
