// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/queue.h"

#include <atomic>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/fakes/driver_queue.h"
#include "tests/fakes/guest_ram.h"
#include "vmm/virtio/ids.h"

namespace lintel::virtio {
namespace {

using fakes::Buffer;
using fakes::DriverQueue;

constexpr uint64_t kAll = kFeatureVersion1 | kFeatureEventIdx | kFeatureIndirectDesc;
constexpr uint64_t kFlagsOnly = kFeatureVersion1 | kFeatureIndirectDesc;

class QueueTest : public testing::Test {
 protected:
  void start(uint64_t features = kAll) { ASSERT_TRUE(queue.configure(driver.layout(), features)); }
  std::string text(const Chain& chain) {
    std::string result(chain.readable_bytes(), '\0');
    EXPECT_EQ(chain.read(0, std::as_writable_bytes(std::span(result))), result.size());
    return result;
  }
  void expect_broken() {
    EXPECT_EQ(queue.pop(), nullptr);
    EXPECT_TRUE(queue.broken());
    EXPECT_EQ(broken_calls, 1);
    EXPECT_EQ(queue.pop(), nullptr);
    EXPECT_FALSE(queue.enable_notifications());
    EXPECT_EQ(broken_calls, 1) << "reported once";
  }

  GuestMemory memory = make_guest_ram({{GuestAddress(0), 1 * kMiB}});
  DriverQueue driver{memory, GuestAddress(0x1000), 8};
  int broken_calls = 0;
  Queue queue{memory, 3, 8, [this] { ++broken_calls; }};
};

TEST_F(QueueTest, Configure_takes_valid_layouts_only) {
  const QueueLayout good = driver.layout();
  EXPECT_TRUE(queue.configure(good, kAll));
  for (const uint16_t size : {0, 3, 16, 0xffff}) {
    QueueLayout layout = good;
    layout.size = size;
    EXPECT_FALSE(queue.configure(layout, kAll)) << size;
    EXPECT_FALSE(queue.configured());
  }
  for (const uint64_t end : {1 * kMiB - 16, 1 * kMiB, UINT64_MAX - 15}) {
    QueueLayout layout = good;
    layout.descriptors = GuestAddress(end);
    EXPECT_FALSE(queue.configure(layout, kAll)) << end;
    layout = good;
    layout.available = GuestAddress(end);
    EXPECT_FALSE(queue.configure(layout, kAll)) << end;
    layout = good;
    layout.used = GuestAddress(end & ~uint64_t{3});
    EXPECT_FALSE(queue.configure(layout, kAll)) << end;
  }
  QueueLayout layout = good;
  layout.descriptors = good.descriptors + 8;
  EXPECT_FALSE(queue.configure(layout, kAll));
  layout = good;
  layout.available = good.available + 1;
  EXPECT_FALSE(queue.configure(layout, kAll));
  layout = good;
  layout.used = good.used + 2;
  EXPECT_FALSE(queue.configure(layout, kAll));
}

TEST_F(QueueTest, Pop_returns_buffers_in_order_and_push_gives_them_back) {
  start();
  EXPECT_EQ(queue.pop(), nullptr);
  const Buffer reply = driver.writable(4);
  const uint16_t head = driver.add({driver.readable("ab"), driver.readable("cd"), reply});
  const Chain* chain = queue.pop();
  ASSERT_NE(chain, nullptr);
  EXPECT_EQ(chain->head, head);
  EXPECT_EQ(text(*chain), "abcd");
  EXPECT_EQ(chain->writable_bytes(), 4u);
  EXPECT_EQ(chain->write(1, std::as_bytes(std::span("xyz!", 4))), 3u);
  queue.push(chain->head, 4);
  EXPECT_EQ(driver.take_used(), (fakes::Used{head, 4}));
  EXPECT_EQ(driver.content(reply.address, 4), std::string("\0xyz", 4));
  EXPECT_EQ(queue.pop(), nullptr);
  EXPECT_FALSE(queue.broken());
}

TEST_F(QueueTest, Chain_read_crosses_pieces_from_any_offset) {
  start();
  driver.add({driver.readable("abc"), driver.readable("d"), driver.readable("efg")});
  const Chain* chain = queue.pop();
  ASSERT_NE(chain, nullptr);
  std::array<char, 4> part{};
  EXPECT_EQ(chain->read(2, std::as_writable_bytes(std::span(part))), 4u);
  EXPECT_EQ(std::string(part.data(), 4), "cdef");
  EXPECT_EQ(chain->read(5, std::as_writable_bytes(std::span(part))), 2u);
  EXPECT_EQ(chain->read(7, std::as_writable_bytes(std::span(part))), 0u);
}

TEST_F(QueueTest, Indirect_table_follows_direct_descriptors) {
  start();
  const GuestAddress table = driver.allocate(32, 16);
  driver.set_descriptor_at(table, driver.readable("two"), DriverQueue::kNext, 1);
  driver.set_descriptor_at(table + 16, driver.writable(5), DriverQueue::kWrite, 0);
  driver.set_descriptor(0, driver.readable("one"), DriverQueue::kNext, 1);
  // The write flag of the table's descriptor has no meaning.
  driver.set_descriptor(1, {table, 32}, DriverQueue::kIndirect | DriverQueue::kWrite, 0);
  driver.publish(0);
  const Chain* chain = queue.pop();
  ASSERT_NE(chain, nullptr);
  EXPECT_EQ(text(*chain), "onetwo");
  EXPECT_EQ(chain->writable_bytes(), 5u);
}

TEST_F(QueueTest, Indirect_chain_as_long_as_the_queue_is_accepted) {
  start();
  driver.add_indirect(std::vector<Buffer>(8, driver.readable("x")));
  const Chain* chain = queue.pop();
  ASSERT_NE(chain, nullptr);
  EXPECT_EQ(text(*chain), "xxxxxxxx");
}

TEST_F(QueueTest, Chain_longer_than_the_queue_breaks) {
  start();
  driver.add_indirect(std::vector<Buffer>(9, driver.readable("x")));
  expect_broken();
}

TEST_F(QueueTest, Empty_buffers_are_skipped) {
  start();
  driver.add({driver.readable("a"), Buffer{GuestAddress(UINT64_MAX), 0, false}});
  const Chain* chain = queue.pop();
  ASSERT_NE(chain, nullptr);
  EXPECT_EQ(chain->readable.size(), 1u);
}

TEST_F(QueueTest, Undo_pop_returns_the_same_request_again) {
  start();
  const uint16_t head = driver.add({driver.readable("again")});
  ASSERT_NE(queue.pop(), nullptr);
  queue.undo_pop();
  const Chain* chain = queue.pop();
  ASSERT_NE(chain, nullptr);
  EXPECT_EQ(chain->head, head);
  EXPECT_EQ(text(*chain), "again");
}

TEST_F(QueueTest, Indices_wrap_around) {
  start();
  for (int i = 0; i < 70'000; ++i) {
    const uint16_t head = driver.add({Buffer{GuestAddress(0x8000), 4, true}});
    const Chain* chain = queue.pop();
    ASSERT_NE(chain, nullptr) << i;
    queue.push(chain->head, 4);
    ASSERT_EQ(driver.take_used(), (fakes::Used{head, 4})) << i;
  }
}

TEST_F(QueueTest, Loop_breaks) {
  start();
  driver.set_descriptor(0, driver.readable("a"), DriverQueue::kNext, 1);
  driver.set_descriptor(1, driver.readable("b"), DriverQueue::kNext, 0);
  driver.publish(0);
  expect_broken();
}

TEST_F(QueueTest, Head_outside_the_table_breaks) {
  start();
  driver.publish(8);
  expect_broken();
}

TEST_F(QueueTest, Next_outside_the_table_breaks) {
  start();
  driver.set_descriptor(0, driver.readable("a"), DriverQueue::kNext, 8);
  driver.publish(0);
  expect_broken();
}

TEST_F(QueueTest, Next_outside_the_indirect_table_breaks) {
  start();
  const GuestAddress table = driver.allocate(32, 16);
  driver.set_descriptor_at(table, driver.readable("a"), DriverQueue::kNext, 2);
  driver.set_descriptor(0, {table, 32}, DriverQueue::kIndirect, 0);
  driver.publish(0);
  expect_broken();
}

TEST_F(QueueTest, Buffer_outside_memory_breaks) {
  for (const uint64_t address : {1 * kMiB - 1, 1 * kMiB, UINT64_MAX - 1, uint64_t{0x8000'0000}}) {
    start();
    broken_calls = 0;
    driver.set_available_index(0);
    driver.set_descriptor(0, {GuestAddress(address), 2}, 0, 0);
    driver.publish(0);
    expect_broken();
  }
}

TEST_F(QueueTest, Readable_after_writable_breaks) {
  start();
  driver.add({driver.writable(4), driver.readable("late")});
  expect_broken();
}

TEST_F(QueueTest, Nested_indirect_breaks) {
  start();
  const GuestAddress table = driver.allocate(16, 16);
  driver.set_descriptor_at(table, {table, 16}, DriverQueue::kIndirect, 0);
  driver.set_descriptor(0, {table, 16}, DriverQueue::kIndirect, 0);
  driver.publish(0);
  expect_broken();
}

TEST_F(QueueTest, Indirect_with_next_breaks) {
  start();
  const GuestAddress table = driver.allocate(16, 16);
  driver.set_descriptor_at(table, driver.readable("a"), 0, 0);
  driver.set_descriptor(0, {table, 16}, DriverQueue::kIndirect | DriverQueue::kNext, 1);
  driver.set_descriptor(1, driver.readable("b"), 0, 0);
  driver.publish(0);
  expect_broken();
}

TEST_F(QueueTest, Indirect_table_of_bad_size_breaks) {
  for (const uint32_t size : {0u, 8u, 17u, 0xffff'fff0u}) {
    start();
    broken_calls = 0;
    driver.set_available_index(0);
    driver.set_descriptor(0, {GuestAddress(0x8000), size}, DriverQueue::kIndirect, 0);
    driver.publish(0);
    expect_broken();
  }
}

TEST_F(QueueTest, Indirect_without_the_feature_breaks) {
  start(kFeatureVersion1);
  driver.add_indirect({driver.readable("a")});
  expect_broken();
}

TEST_F(QueueTest, Available_index_too_far_ahead_breaks) {
  start();
  driver.set_available_index(9);
  expect_broken();
}

TEST_F(QueueTest, Stop_mends_a_broken_queue) {
  start();
  driver.set_available_index(9);
  expect_broken();
  queue.stop();
  EXPECT_FALSE(queue.broken());
  EXPECT_EQ(queue.pop(), nullptr);
  driver.set_available_index(0);
  start();
  driver.add({driver.readable("a")});
  EXPECT_NE(queue.pop(), nullptr);
}

TEST_F(QueueTest, Stopped_queue_ignores_all_calls) {
  EXPECT_EQ(queue.pop(), nullptr);
  queue.push(0, 0);
  queue.disable_notifications();
  EXPECT_FALSE(queue.enable_notifications());
  EXPECT_FALSE(queue.should_interrupt());
}

TEST_F(QueueTest, Interrupt_follows_the_flag_without_event_idx) {
  start(kFlagsOnly);
  EXPECT_FALSE(queue.should_interrupt()) << "nothing was pushed";
  driver.add({driver.readable("a")});
  queue.push(queue.pop()->head, 0);
  EXPECT_TRUE(queue.should_interrupt());
  EXPECT_FALSE(queue.should_interrupt()) << "said once";
  driver.set_no_interrupt(true);
  driver.add({driver.readable("a")});
  queue.push(queue.pop()->head, 0);
  EXPECT_FALSE(queue.should_interrupt());
}

TEST_F(QueueTest, Interrupt_comes_when_used_event_is_crossed) {
  start();
  driver.set_no_interrupt(true);  // ignored with EVENT_IDX
  driver.set_used_event(2);
  std::vector<bool> interrupts;
  for (int i = 0; i < 5; ++i) {
    driver.add({driver.readable("a")});
    queue.push(queue.pop()->head, 0);
    interrupts.push_back(queue.should_interrupt());
  }
  EXPECT_EQ(interrupts, (std::vector{false, false, true, false, false}));
}

TEST_F(QueueTest, Interrupt_comes_once_for_a_batch) {
  start();
  driver.set_used_event(1);
  for (int i = 0; i < 4; ++i) driver.add({driver.readable("a")});
  for (int i = 0; i < 4; ++i) queue.push(queue.pop()->head, 0);
  EXPECT_TRUE(queue.should_interrupt());
}

TEST_F(QueueTest, Notifications_follow_the_flag_without_event_idx) {
  start(kFlagsOnly);
  queue.disable_notifications();
  EXPECT_TRUE(driver.no_notify());
  EXPECT_FALSE(queue.enable_notifications());
  EXPECT_FALSE(driver.no_notify());
  driver.add({driver.readable("a")});
  EXPECT_TRUE(queue.enable_notifications()) << "a request came in between";
}

TEST_F(QueueTest, Notifications_are_asked_for_by_available_event) {
  start();
  driver.add({driver.readable("a")});
  driver.add({driver.readable("b")});
  queue.disable_notifications();
  EXPECT_FALSE(driver.no_notify());
  ASSERT_NE(queue.pop(), nullptr);
  EXPECT_TRUE(queue.enable_notifications());
  ASSERT_NE(queue.pop(), nullptr);
  EXPECT_FALSE(queue.enable_notifications());
  EXPECT_EQ(driver.available_event(), 2);
}

TEST_F(QueueTest, Kick_before_configure_is_kept_and_stop_drops_it) {
  queue.kick().signal();
  start();
  EXPECT_TRUE(queue.kick().consume());
  queue.kick().signal();
  queue.stop();
  EXPECT_FALSE(queue.kick().consume());
}

TEST_F(QueueTest, Driver_on_another_thread_sees_complete_requests) {
  start();
  constexpr int kRequests = 20'000;
  std::thread device([&] {
    for (int served = 0; served < kRequests;) {
      const Chain* chain = queue.pop();
      if (chain == nullptr) {
        std::this_thread::yield();
        continue;
      }
      std::array<std::byte, 4> value;
      EXPECT_EQ(chain->read(0, value), 4u);
      EXPECT_EQ(chain->write(0, value), 4u);
      queue.push(chain->head, 4);
      ++served;
    }
  });
  const GuestAddress in = driver.allocate(4 * 4, 4);
  const GuestAddress out = driver.allocate(4 * 4, 4);
  int sent = 0;
  int received = 0;
  while (received < kRequests) {
    while (sent < kRequests && sent - received < 4) {
      const GuestAddress slot = in + 4u * (static_cast<unsigned>(sent) % 4);
      memory.write_object(slot, sent);
      driver.add(
          {Buffer{slot, 4, false}, Buffer{out + 4u * (static_cast<unsigned>(sent) % 4), 4, true}});
      ++sent;
    }
    while (driver.take_used()) {
      int value = -1;
      memory.read_object(out + 4u * (static_cast<unsigned>(received) % 4), value);
      ASSERT_EQ(value, received);
      ++received;
    }
    std::this_thread::yield();
  }
  device.join();
}

}  // namespace
}  // namespace lintel::virtio
