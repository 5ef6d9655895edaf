// SPDX-License-Identifier: Apache-2.0
// An input of an interrupt controller that keeps one level for all who drive it, as KVM's GIC does
// (its I/O APIC keeps one for `set` and one for level events). There the two take the line from
// each other: `set` from level events that have asserted it, and the end of an interrupt, with
// which KVM lowers the line for level events, from `set`.
//
// What `set` took is given back by signalling the resample events: who still wants attention
// asserts the line again. What the end of an interrupt took is given back by us, who see it by
// level events of our own. They wake us for each interrupt of the others too, so they are there
// only while `set` is in use.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "vmm/base/event_loop.h"
#include "vmm/base/log.h"
#include "vmm/base/sync.h"
#include "vmm/base/unique_fd.h"
#include "vmm/irq/irq.h"

namespace lintel {

// Threads: any; where level events are made and where the line is destroyed, without a lock that
// the loop's callbacks take.
class MergedLine final : public IrqLine {
 public:
  // The loop outlives it.
  MergedLine(std::unique_ptr<IrqLine> input, EventLoop& loop);
  ~MergedLine() override;
  MergedLine(const MergedLine&) = delete;
  MergedLine& operator=(const MergedLine&) = delete;

  // Must not outlive the line.
  std::unique_ptr<LevelEvents> make_level_events() override;
  void set(bool level) override;

  // After so many interrupts of others in a row we no longer look at them.
  static constexpr unsigned kPatience = 64;

 private:
  class Events;

  void add(const LevelEvents& events);
  void remove(const LevelEvents& events);
  void assert_again();
  // On the loop.
  void look();
  void start_watch();
  void stop_watch();
  void interrupt_ended();

  const std::unique_ptr<IrqLine> input_;
  EventLoop& loop_;
  const EventFd changed_;  // wakes the loop for `look`
  std::once_flag in_loop_;
  log::RateLimited refused_;
  std::unique_ptr<LevelEvents> watch_;  // threads: the loop's
  Mutex mutex_;
  bool level_ GUARDED_BY(mutex_) = false;  // by `set`
  bool watching_ GUARDED_BY(mutex_) = false;
  unsigned idle_ GUARDED_BY(mutex_) = 0;  // interrupts of others since one of ours
  std::vector<const LevelEvents*> events_ GUARDED_BY(mutex_);
};

}  // namespace lintel
