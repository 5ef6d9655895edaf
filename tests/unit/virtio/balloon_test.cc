// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/balloon.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fakes/virtio.h"
#include "vmm/base/endian.h"

namespace lintel::virtio {
namespace {

constexpr uint64_t kReporting = 1ull << 5;
constexpr uint64_t kPage = 4096;
constexpr size_t kInflate = 0;
constexpr size_t kDeflate = 1;

std::string page_numbers(const std::vector<uint32_t>& numbers) {
  std::string bytes(4 * numbers.size(), '\0');
  for (size_t i = 0; i < numbers.size(); ++i) store_le(&bytes[4 * i], numbers[i]);
  return bytes;
}

class BalloonTest : public testing::Test {
 protected:
  // A page in the memory's last MiB, which no queue uses, with a mark in it.
  uint32_t marked_page(uint32_t index) {
    const auto page = static_cast<uint32_t>(harness.memory.total_bytes() / kPage - 256 + index);
    harness.memory.write_object(GuestAddress(page * kPage), uint64_t{0x5555});
    return page;
  }
  bool is_marked(uint32_t page) {
    uint64_t mark = 0;
    EXPECT_TRUE(harness.memory.read_object(GuestAddress(page * kPage), mark));
    return mark == 0x5555;
  }
  void inflate(const std::string& numbers) {
    harness.driver(kInflate).add({harness.driver(kInflate).readable(numbers)});
    harness.kick(kInflate);
    EXPECT_TRUE(harness.driver(kInflate).take_used());
  }

  fakes::DeviceHarness harness{16 * kMiB};
  Balloon balloon{harness.loop(), {}};
};

TEST_F(BalloonTest, Inflated_pages_lose_their_content_and_others_keep_it) {
  harness.activate(balloon, balloon.features());
  std::vector<uint32_t> pages;
  for (uint32_t i = 0; i < 8; ++i) pages.push_back(marked_page(i));
  // Up, down, and alone.
  inflate(page_numbers({pages[0], pages[1], pages[4], pages[3], pages[6]}));
  const std::vector<bool> expected{false, false, true, false, false, true, false, true};
  for (size_t i = 0; i < pages.size(); ++i) EXPECT_EQ(is_marked(pages[i]), expected[i]) << i;
}

TEST_F(BalloonTest, Deflate_is_acknowledged_and_the_page_is_usable) {
  harness.activate(balloon, balloon.features());
  const uint32_t page = marked_page(0);
  inflate(page_numbers({page}));
  harness.driver(kDeflate).add({harness.driver(kDeflate).readable(page_numbers({page}))});
  harness.kick(kDeflate);
  EXPECT_TRUE(harness.driver(kDeflate).take_used());
  EXPECT_FALSE(is_marked(page));
  marked_page(0);
  EXPECT_TRUE(is_marked(page));
}

TEST_F(BalloonTest, Page_numbers_outside_memory_are_ignored) {
  harness.activate(balloon, balloon.features());
  const auto last = static_cast<uint32_t>(harness.memory.total_bytes() / kPage - 1);
  const uint32_t good = marked_page(1);
  inflate(page_numbers({last + 1, UINT32_MAX, UINT32_MAX - 1, 0x80000000, good}));
  inflate("odd");
  EXPECT_FALSE(is_marked(good));
}

TEST_F(BalloonTest, Reported_free_pages_are_given_back) {
  harness.activate(balloon, balloon.features());
  EXPECT_NE(balloon.features() & kReporting, 0u);
  // By the specification's queue number, and by Linux's.
  for (const size_t queue : {size_t{4}, size_t{2}}) {
    const uint32_t first = marked_page(0);
    const uint32_t second = marked_page(1);
    const uint32_t third = marked_page(2);
    harness.driver(queue).add({fakes::Buffer{GuestAddress(first * kPage), 2 * kPage, true}});
    harness.kick(queue);
    EXPECT_TRUE(harness.driver(queue).take_used());
    EXPECT_FALSE(is_marked(first));
    EXPECT_FALSE(is_marked(second));
    EXPECT_TRUE(is_marked(third));
  }
}

TEST_F(BalloonTest, Part_of_a_reported_page_is_kept) {
  harness.activate(balloon, balloon.features());
  const uint32_t page = marked_page(0);
  harness.driver(4).add({fakes::Buffer{GuestAddress(page * kPage), 100, true}});
  harness.kick(4);
  EXPECT_TRUE(is_marked(page));
}

TEST_F(BalloonTest, Target_is_shown_with_a_config_interrupt) {
  harness.activate(balloon, balloon.features());
  balloon.set_target(1 * kMiB);
  EXPECT_EQ(harness.interrupts.config_count(), 1);
  std::array<std::byte, 8> config;
  balloon.read_config(0, config);
  EXPECT_EQ(load_le<uint32_t>(&config[0]), 256u);
  std::array<std::byte, 4> actual;
  store_le<uint32_t>(actual.data(), 100);
  balloon.write_config(4, actual);
  EXPECT_EQ(balloon.actual(), 100 * kPage);
  balloon.write_config(0, actual);
  balloon.read_config(0, config);
  EXPECT_EQ(load_le<uint32_t>(&config[0]), 256u) << "num_pages is the device's";
}

TEST_F(BalloonTest, Without_reporting_there_are_two_queues) {
  const Balloon small(harness.loop(), {.free_page_reporting = false});
  EXPECT_EQ(small.queue_sizes().size(), 2u);
  EXPECT_EQ(small.features() & kReporting, 0u);
}

TEST(BalloonSharedTest, Shared_memory_is_given_back_too) {
  fakes::DeviceHarness harness{16 * kMiB, true};
  Balloon balloon(harness.loop(), {});
  harness.activate(balloon, balloon.features());
  const GuestAddress page(15 * kMiB);
  harness.memory.write_object(page, uint64_t{1});
  harness.driver(kInflate).add({harness.driver(kInflate).readable(
      page_numbers({static_cast<uint32_t>(page.value / kPage)}))});
  harness.kick(kInflate);
  uint64_t value = 1;
  EXPECT_TRUE(harness.memory.read_object(page, value));
  EXPECT_EQ(value, 0u);
}

TEST_F(BalloonTest, Host_with_large_pages_takes_whole_ones_only) {
  Balloon large(harness.loop(), {.host_page = 64 * kKiB});
  harness.activate(large, large.features());
  std::vector<uint32_t> inflated;
  for (uint32_t i = 0; i < 40; ++i) {  // 64 KiB and a half, and one in the middle of the next
    const uint32_t page = marked_page(i);
    if (i < 24 || i == 36) inflated.push_back(page);
  }
  inflate(page_numbers(inflated));
  for (uint32_t i = 0; i < 40; ++i) {
    const auto page = static_cast<uint32_t>(harness.memory.total_bytes() / kPage - 256 + i);
    EXPECT_EQ(is_marked(page), i >= 16) << i;
  }
}

}  // namespace
}  // namespace lintel::virtio
