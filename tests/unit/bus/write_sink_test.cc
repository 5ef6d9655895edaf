// SPDX-License-Identifier: Apache-2.0
#include "vmm/bus/write_sink.h"

#include <sys/eventfd.h>

#include <vector>

#include <gtest/gtest.h>

namespace lintel {
namespace {

// Signals as the kernel would.
class FakeDoorbells final : public DoorbellSink {
 public:
  bool add(const Doorbell& doorbell, int event_fd) override {
    if (refuse) return false;
    entries.push_back({doorbell, event_fd});
    return true;
  }
  void remove(const Doorbell& doorbell, int event_fd) override {
    ++removals;
    std::erase_if(entries, [&](const Entry& entry) {
      return entry.doorbell.address == doorbell.address && entry.event_fd == event_fd;
    });
  }

  struct Entry {
    Doorbell doorbell;
    int event_fd;
  };
  std::vector<Entry> entries;
  unsigned removals = 0;
  bool refuse = false;
};

constexpr Doorbell kWrites{AddressSpace::kPort, GuestAddress(0xcf8), 4};

TEST(WriteSink, Writes_areTakenAsLongAsItLives) {
  FakeDoorbells doorbells;
  {
    const WriteSink sink(doorbells, kWrites);
    ASSERT_EQ(doorbells.entries.size(), 1u);
    EXPECT_EQ(doorbells.entries[0].doorbell.space, AddressSpace::kPort);
    EXPECT_EQ(doorbells.entries[0].doorbell.address, GuestAddress(0xcf8));
    EXPECT_EQ(doorbells.entries[0].doorbell.width, 4);
    EXPECT_EQ(eventfd_write(doorbells.entries[0].event_fd, 1), 0);
  }
  EXPECT_TRUE(doorbells.entries.empty());
}

TEST(WriteSink, KernelThatRefuses_isNotAskedToTakeItBack) {
  FakeDoorbells doorbells;
  doorbells.refuse = true;
  {
    const WriteSink sink(doorbells, kWrites);
  }
  EXPECT_EQ(doorbells.removals, 0u);
}

}  // namespace
}  // namespace lintel
