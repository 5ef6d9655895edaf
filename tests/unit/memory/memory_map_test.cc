// SPDX-License-Identifier: Apache-2.0
#include "vmm/memory/memory_map.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "vmm/base/error.h"
#include "vmm/base/mmap_region.h"

namespace lintel {
namespace {

using Events = std::vector<std::string>;

class Observer final : public MemoryObserver {
 public:
  Observer(std::string name, Events& events) : name_(std::move(name)), events_(events) {}
  void added(const MappedMemory& memory) override {
    if (refuse || memory.range.base == refused_base) throw Error(name_ + " refuses");
    events_.push_back(fmt::format("{}+{:x}", name_, memory.range.base.value));
  }
  void removed(const MappedMemory& memory) override {
    events_.push_back(fmt::format("{}-{:x}", name_, memory.range.base.value));
  }
  bool refuse = false;
  GuestAddress refused_base{UINT64_MAX};

 private:
  const std::string name_;
  Events& events_;
};

class MemoryMapTest : public testing::Test {
 protected:
  MappedMemory at(uint64_t base, uint64_t size = 0x1000) {
    return {{GuestAddress(base), size}, host.data(), MemoryKind::kRam};
  }

  MmapRegion host = MmapRegion::anonymous(0x4000, 0x1000);
  Events events;
  Observer first{"a", events};
  Observer second{"b", events};
  MemoryMap map{4 * kKiB};
};

TEST_F(MemoryMapTest, Observers_hear_of_additions_in_order_and_removals_in_reverse) {
  map.subscribe(first);
  map.subscribe(second);
  map.add(at(0x1000));
  map.remove({GuestAddress(0x1000), 0x1000});
  EXPECT_EQ(events, (Events{"a+1000", "b+1000", "b-1000", "a-1000"}));
}

TEST_F(MemoryMapTest, Late_observer_hears_of_what_is_there) {
  map.add(at(0x5000));
  map.add(at(0x1000));
  map.subscribe(first);
  EXPECT_EQ(events, (Events{"a+1000", "a+5000"}));
}

TEST_F(MemoryMapTest, Refusal_is_rolled_back_and_the_range_stays_free) {
  map.subscribe(first);
  map.subscribe(second);
  second.refuse = true;
  EXPECT_THROW(map.add(at(0x1000)), Error);
  EXPECT_EQ(events, (Events{"a+1000", "a-1000"}));
  second.refuse = false;
  events.clear();
  map.add(at(0x1000));
  EXPECT_EQ(events, (Events{"a+1000", "b+1000"}));
}

TEST_F(MemoryMapTest, Observer_that_refuses_at_subscription_keeps_nothing) {
  map.add(at(0x1000));
  map.add(at(0x2000));
  first.refused_base = GuestAddress(0x2000);
  EXPECT_THROW(map.subscribe(first), Error);
  EXPECT_EQ(events, (Events{"a+1000", "a-1000"}));
  map.add(at(0x3000));  // it is not asked again
  EXPECT_EQ(events.size(), 2u);
}

TEST_F(MemoryMapTest, Overlap_and_misalignment_are_errors_that_nobody_hears_of) {
  map.subscribe(first);
  map.add(at(0x1000, 0x2000));
  events.clear();
  EXPECT_THROW(map.add(at(0x2000)), Error);
  EXPECT_THROW(map.add(at(0x4800)), Error);
  EXPECT_THROW(map.add(at(0x4000, 0x800)), Error);
  EXPECT_THROW(map.add(at(0x4000, 0)), Error);
  MappedMemory crooked = at(0x4000);
  crooked.host += 1;
  EXPECT_THROW(map.add(crooked), Error);
  EXPECT_EQ(events, Events{});
}

TEST_F(MemoryMapTest, Alignment_is_that_of_the_hosts_pages) {
  const MmapRegion memory = MmapRegion::anonymous(256 * kKiB, 64 * kKiB);
  for (const size_t page_size : {4 * kKiB, 16 * kKiB, 64 * kKiB}) {
    MemoryMap pages(page_size);
    EXPECT_EQ(pages.page_size(), page_size);
    const auto add = [&](uint64_t base, uint64_t size, uint64_t from) {
      pages.add({{GuestAddress(base), size}, memory.data() + from, MemoryKind::kRam});
    };
    EXPECT_THROW(add(page_size / 2, page_size, 0), Error);
    EXPECT_THROW(add(page_size, page_size / 2, 0), Error);
    EXPECT_THROW(add(page_size, page_size, page_size / 2), Error);
    EXPECT_NO_THROW(add(page_size, page_size, page_size));
  }
}

TEST_F(MemoryMapTest, Removal_of_what_was_not_added_is_ignored) {
  map.subscribe(first);
  map.add(at(0x1000, 0x2000));
  events.clear();
  map.remove({GuestAddress(0x1000), 0x1000});
  map.remove({GuestAddress(0x8000), 0x1000});
  EXPECT_EQ(events, Events{});
}

TEST_F(MemoryMapTest, Watch_tells_once_of_what_was_removed) {
  map.add(at(0x1000));
  map.add(at(0x2000));
  map.remove(at(0x1000).range);
  RemovalWatch early(map);
  EXPECT_FALSE(early.any());
  map.remove(at(0x1000).range);
  EXPECT_FALSE(early.any());
  map.remove(at(0x2000).range);
  map.add(at(0x2000));
  EXPECT_TRUE(early.any());
  EXPECT_FALSE(early.any());
}

TEST_F(MemoryMapTest, Unsubscribed_observer_hears_no_more) {
  map.subscribe(first);
  map.unsubscribe(first);
  map.add(at(0x1000));
  EXPECT_EQ(events, Events{});
}

}  // namespace
}  // namespace lintel
