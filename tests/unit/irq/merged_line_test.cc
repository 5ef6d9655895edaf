// SPDX-License-Identifier: Apache-2.0
#include "vmm/irq/merged_line.h"

#include <sys/eventfd.h>

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fakes/fake_irq.h"
#include "tests/fakes/loop_turn.h"
#include "vmm/base/error.h"

namespace lintel {
namespace {

// An input of the GIC as KVM has it: one level. An interrupt that ends lowers it if there are level
// events, and tells all of them; so does the last of them when it goes.
class OneLevelInput final : public IrqLine {
 public:
  class Events final : public LevelEvents {
   public:
    explicit Events(OneLevelInput& input) : input_(input) {
      MutexLock lock(input_.mutex_);
      input_.events_.push_back(this);
    }
    ~Events() override {
      MutexLock lock(input_.mutex_);
      std::erase(input_.events_, this);
      if (input_.events_.empty()) input_.level_ = false;
    }
    int trigger_fd() const override { return trigger_.get(); }
    int resample_fd() const override { return resample_.get(); }

   private:
    OneLevelInput& input_;
    EventFd trigger_;
    EventFd resample_;
  };

  std::unique_ptr<LevelEvents> make_level_events() override {
    if (refuse_) throw Error("No eventfds left");
    return has_events_ ? std::make_unique<Events>(*this) : nullptr;
  }
  void set(bool level) override {
    MutexLock lock(mutex_);
    level_ = level;
  }

  // What the kernel does with a signal of the trigger.
  void assert_by_event() { set(true); }
  void end_interrupt() {
    MutexLock lock(mutex_);
    if (!events_.empty()) level_ = false;
    for (const Events* events : events_) eventfd_write(events->resample_fd(), 1);
  }
  bool level() {
    MutexLock lock(mutex_);
    return level_;
  }
  size_t events() {
    MutexLock lock(mutex_);
    return events_.size();
  }
  void without_events() { has_events_ = false; }
  void refuse(bool refuse) { refuse_ = refuse; }

 private:
  std::atomic<bool> has_events_{true};
  std::atomic<bool> refuse_{false};
  Mutex mutex_;
  bool level_ GUARDED_BY(mutex_) = false;
  std::vector<const Events*> events_ GUARDED_BY(mutex_);
};

class MergedLineTest : public testing::Test {
 protected:
  MergedLineTest() {
    auto owned = std::make_unique<OneLevelInput>();
    input = owned.get();
    line.emplace(std::move(owned), io.loop());
  }
  void make_events() {
    events = line->make_level_events();
    settle();
  }
  // Twice, because the first turn may begin to watch what is ready already.
  void settle() {
    turn(io.loop());
    turn(io.loop());
  }
  void end_interrupt() {
    input->end_interrupt();
    settle();
  }
  bool asked_again() const {
    eventfd_t count = 0;
    return eventfd_read(events->resample_fd(), &count) == 0;
  }

  EventLoopThread io{"io", [](std::exception_ptr) {}};
  OneLevelInput* input = nullptr;
  std::optional<MergedLine> line;
  std::unique_ptr<LevelEvents> events;
};

TEST_F(MergedLineTest, WithoutLevelEvents_theLevelIsThatOfSet) {
  line->set(true);
  EXPECT_TRUE(input->level());
  line->set(false);
  EXPECT_FALSE(input->level());
  EXPECT_EQ(input->events(), 0u);
}

TEST_F(MergedLineTest, EndOfAnInterrupt_leavesTheLineToSet) {
  make_events();
  line->set(true);
  settle();
  end_interrupt();
  EXPECT_TRUE(input->level());
  end_interrupt();
  EXPECT_TRUE(input->level());
  line->set(false);
  end_interrupt();
  EXPECT_FALSE(input->level());
}

TEST_F(MergedLineTest, InterruptThatEndsAtOnce_leavesTheLineToSet) {
  make_events();
  line->set(true);
  input->end_interrupt();
  settle();
  EXPECT_TRUE(input->level());
}

TEST_F(MergedLineTest, LineThatIsUp_staysUpWhenLevelEventsComeAndGo) {
  line->set(true);
  events = line->make_level_events();
  input->end_interrupt();
  settle();
  EXPECT_TRUE(input->level());
  events.reset();
  EXPECT_TRUE(input->level());
  settle();
  EXPECT_TRUE(input->level());
  EXPECT_EQ(input->events(), 0u);
}

TEST_F(MergedLineTest, SetThatLetsGo_asksWhoStillWantsAttention) {
  make_events();
  line->set(true);
  input->assert_by_event();
  settle();
  asked_again();
  line->set(false);
  EXPECT_TRUE(asked_again());
}

TEST_F(MergedLineTest, InterruptsOfOthers_areLookedAtOnlyWhileSetIsInUse) {
  make_events();
  EXPECT_EQ(input->events(), 1u);
  line->set(true);
  settle();
  EXPECT_EQ(input->events(), 2u);
  line->set(false);
  for (unsigned i = 1; i < MergedLine::kPatience; ++i) end_interrupt();
  EXPECT_EQ(input->events(), 2u);
  end_interrupt();
  EXPECT_EQ(input->events(), 1u);
  line->set(true);
  settle();
  EXPECT_EQ(input->events(), 2u);
}

TEST_F(MergedLineTest, InterruptOfOurs_startsThePatienceAnew) {
  make_events();
  line->set(true);
  settle();
  line->set(false);
  for (unsigned i = 1; i < MergedLine::kPatience; ++i) end_interrupt();
  line->set(true);
  end_interrupt();
  line->set(false);
  for (unsigned i = 1; i < MergedLine::kPatience; ++i) end_interrupt();
  EXPECT_EQ(input->events(), 2u);
}

TEST_F(MergedLineTest, HostThatRefusesToTellOfEnds_isAskedAgain) {
  make_events();
  input->refuse(true);
  line->set(true);
  settle();
  EXPECT_TRUE(input->level());
  EXPECT_EQ(input->events(), 1u);
  line->set(false);
  input->refuse(false);
  line->set(true);
  settle();
  end_interrupt();
  EXPECT_TRUE(input->level());
}

TEST_F(MergedLineTest, InputWithoutLevelEvents_hasNone) {
  input->without_events();
  EXPECT_EQ(line->make_level_events(), nullptr);
}

TEST_F(MergedLineTest, Line_mayEndWhileItWatches) {
  make_events();
  line->set(true);
  settle();
  events.reset();
  line.reset();
  turn(io.loop());
}

}  // namespace
}  // namespace lintel
