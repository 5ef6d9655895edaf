// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/console.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "tests/fakes/fake_console.h"
#include "tests/fakes/virtio.h"
#include "vmm/base/endian.h"
#include "vmm/base/error.h"

namespace lintel::virtio {
namespace {

constexpr uint64_t kSize = 1;
constexpr uint64_t kMultiport = 2;

// A FakeConsole with a terminal behind it.
class FakeTerminal final : public ConsoleIo {
 public:
  void output(std::span<const std::byte>) override {}
  void attach(ByteReceiver*) override {}
  void input_room() override {}
  std::optional<TerminalSize> terminal_size() const override { return TerminalSize{80, 24}; }
};

std::string bytes_of(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

// A control message (VIRTIO 1.2, 5.3.6.2).
std::string control(uint32_t id, uint16_t event, uint16_t value) {
  std::string message(8, '\0');
  store_le(message.data(), id);
  store_le(message.data() + 4, event);
  store_le(message.data() + 6, value);
  return message;
}

class ConsoleTest : public testing::Test {
 protected:
  fakes::DeviceHarness harness;
  FakeConsole io;
  Console console{harness.loop(), {{.io = &io, .console = true, .name = {}}}};

  void activate() { harness.activate(console, console.features()); }
  fakes::DriverQueue& input() { return harness.driver(0); }
  fakes::DriverQueue& output() { return harness.driver(1); }
};

TEST_F(ConsoleTest, One_port_needs_two_queues_and_no_features) {
  EXPECT_EQ(console.features(), 0u);
  EXPECT_EQ(console.queue_sizes().size(), 2u);
}

TEST_F(ConsoleTest, Output_is_printed_in_order) {
  activate();
  output().add({output().readable("hello, "), output().readable("world")});
  output().add({output().readable("!\n")});
  harness.kick(1);
  EXPECT_EQ(io.printed(), "hello, world!\n");
  EXPECT_TRUE(output().take_used());
  EXPECT_EQ(output().take_used()->length, 0u);
  EXPECT_EQ(harness.interrupts.queue_count(1), 1);
}

TEST_F(ConsoleTest, Long_output_is_printed_whole) {
  activate();
  std::string expected;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 64; ++i) {
      const std::string text = std::to_string(round * 64 + i) + "\n";
      output().add({output().readable(text)});
      expected += text;
    }
    harness.kick(1);
    for (int i = 0; i < 64; ++i) ASSERT_TRUE(output().take_used());
  }
  EXPECT_EQ(io.printed(), expected);
}

TEST_F(ConsoleTest, Input_waits_until_the_driver_is_ready_and_has_room) {
  EXPECT_EQ(io.type("early"), 0u);
  activate();
  EXPECT_EQ(io.type("early"), 0u) << "no buffer";
  const unsigned calls = io.room_calls();
  const fakes::Buffer small = input().writable(3);
  input().add({small});
  harness.kick(0);
  EXPECT_GT(io.room_calls(), calls);
  EXPECT_EQ(io.type("early"), 3u);
  EXPECT_EQ(input().content(small.address, 3), "ear");
  EXPECT_EQ(input().take_used()->length, 3u);
  EXPECT_EQ(harness.interrupts.queue_count(0), 1);
  EXPECT_EQ(io.type("ly"), 0u);
}

TEST_F(ConsoleTest, Buffers_given_before_activation_are_used) {
  activate();
  EXPECT_GT(io.room_calls(), 0u);
}

TEST_F(ConsoleTest, Input_fills_several_buffers) {
  activate();
  const fakes::Buffer first = input().writable(2);
  const fakes::Buffer second = input().writable(8);
  input().add({first});
  input().add({second});
  EXPECT_EQ(io.type("abcde"), 5u);
  EXPECT_EQ(input().content(first.address, 2), "ab");
  EXPECT_EQ(input().content(second.address, 3), "cde");
  EXPECT_EQ(input().take_used()->length, 2u);
  EXPECT_EQ(input().take_used()->length, 3u);
}

TEST_F(ConsoleTest, Read_only_input_buffers_are_returned_empty_one_each_turn) {
  activate();
  input().add({input().readable("not for you")});
  const fakes::Buffer good = input().writable(4);
  input().add({good});
  const unsigned calls = io.room_calls();
  EXPECT_EQ(io.type("abcd"), 0u);
  harness.settle();
  EXPECT_EQ(io.room_calls(), calls + 1) << "asked for again";
  EXPECT_EQ(io.type("abcd"), 4u);
  EXPECT_EQ(input().take_used()->length, 0u);
  EXPECT_EQ(input().take_used()->length, 4u);
}

// The transport tells of it under the lock under which it reads the configuration.
TEST_F(ConsoleTest, Queue_that_breaks_under_input_does_not_keep_the_configuration) {
  activate();
  std::array<std::byte, 12> config;
  harness.interrupts.on_needs_reset = [&] { console.read_config(0, config); };
  input().set_available_index(1000);
  EXPECT_EQ(io.type("x"), 0u);
  EXPECT_EQ(harness.interrupts.reset_count(), 1);
  EXPECT_EQ(load_le<uint32_t>(&config[4]), 1u);
}

TEST_F(ConsoleTest, Reset_stops_input_and_output) {
  activate();
  input().add({input().writable(4)});
  output().add({output().readable("late")});
  console.reset();
  EXPECT_EQ(io.type("x"), 0u);
  harness.kick(1);
  EXPECT_EQ(io.printed(), "");
}

TEST_F(ConsoleTest, Detaches_at_its_end) {
  {
    FakeConsole other;
    const Console second(harness.loop(), {{.io = &other, .console = true, .name = {}}});
    EXPECT_TRUE(other.attached());
  }
  EXPECT_TRUE(io.attached());
}

TEST(ConsoleSizeTest, Terminal_size_is_in_the_config_and_follows_it) {
  fakes::DeviceHarness harness;
  FakeTerminal terminal;
  Console console(harness.loop(), {{.io = &terminal, .console = true, .name = {}}});
  EXPECT_EQ(console.features(), kSize);
  harness.activate(console, console.features());
  std::array<std::byte, 12> config;
  console.read_config(0, config);
  EXPECT_EQ(load_le<uint32_t>(&config[0]), 80u | 24u << 16);
  EXPECT_EQ(load_le<uint32_t>(&config[4]), 1u);
  console.resize({132, 50});
  console.read_config(0, config);
  EXPECT_EQ(load_le<uint32_t>(&config[0]), 132u | 50u << 16);
  EXPECT_EQ(harness.interrupts.config_count(), 1);
  console.resize({132, 50});
  EXPECT_EQ(harness.interrupts.config_count(), 1) << "nothing changed";
}

TEST(ConsoleSizeTest, No_port_is_an_error) {
  EventLoop loop;
  EXPECT_THROW(Console(loop, {}), Error);
}

class MultiportTest : public testing::Test {
 protected:
  fakes::DeviceHarness harness;
  FakeConsole first;
  FakeConsole second;
  Console console{harness.loop(),
                  {{.io = &first, .console = true, .name = "tty"},
                   {.io = &second, .console = false, .name = "agent"}}};

  void SetUp() override { harness.activate(console, console.features()); }
  fakes::DriverQueue& from_device() { return harness.driver(2); }
  fakes::DriverQueue& to_device() { return harness.driver(3); }

  void say(const std::string& message) {
    to_device().add({to_device().readable(message)});
    harness.kick(3);
  }
  void give_room(int count) {
    for (int i = 0; i < count; ++i) {
      const fakes::Buffer buffer = from_device().writable(32);
      offered.push_back(buffer.address);
      from_device().add({buffer});
    }
    harness.kick(2);
  }
  std::vector<std::string> heard() {
    std::vector<std::string> messages;
    while (const auto used = from_device().take_used()) {
      messages.push_back(from_device().content(offered[taken++], used->length));
    }
    return messages;
  }

  std::vector<GuestAddress> offered;
  size_t taken = 0;
};

TEST_F(MultiportTest, Queues_and_features_of_two_ports) {
  EXPECT_EQ(console.features(), kMultiport);
  EXPECT_EQ(console.queue_sizes().size(), 6u);
}

TEST_F(MultiportTest, Ports_are_announced_and_described) {
  give_room(8);
  say(control(0, 0, 1));
  EXPECT_EQ(heard(), (std::vector{control(0, 1, 0), control(1, 1, 0)}));
  say(control(0, 3, 1));
  EXPECT_EQ(heard(), (std::vector{control(0, 4, 1), control(0, 7, 1) + "tty", control(0, 6, 1)}));
  say(control(1, 3, 1));
  EXPECT_EQ(heard(), (std::vector{control(1, 7, 1) + "agent", control(1, 6, 1)}));
}

TEST_F(MultiportTest, Control_messages_wait_for_room_and_repeat_at_most_once) {
  for (int i = 0; i < 10; ++i) say(control(0, 0, 1));
  EXPECT_TRUE(heard().empty());
  give_room(8);
  EXPECT_EQ(heard(), (std::vector{control(0, 1, 0), control(1, 1, 0)}));
}

TEST_F(MultiportTest, Input_of_a_port_waits_until_the_guest_opens_it) {
  harness.driver(4).add({harness.driver(4).writable(8)});
  harness.kick(4);
  EXPECT_EQ(second.type("data"), 0u);
  const unsigned calls = second.room_calls();
  say(control(1, 6, 1));
  EXPECT_GT(second.room_calls(), calls);
  EXPECT_EQ(second.type("data"), 4u);
  EXPECT_EQ(harness.driver(4).take_used()->length, 4u);
  say(control(1, 6, 0));
  EXPECT_EQ(second.type("data"), 0u);
}

TEST_F(MultiportTest, Each_port_has_its_output) {
  harness.driver(1).add({harness.driver(1).readable("one")});
  harness.driver(5).add({harness.driver(5).readable("two")});
  harness.kick(1);
  harness.kick(5);
  EXPECT_EQ(first.printed(), "one");
  EXPECT_EQ(second.printed(), "two");
}

TEST_F(MultiportTest, Control_queue_that_breaks_does_not_keep_the_configuration) {
  std::array<std::byte, 12> config;
  harness.interrupts.on_needs_reset = [&] { console.read_config(0, config); };
  to_device().set_available_index(1000);
  harness.kick(3);
  EXPECT_EQ(harness.interrupts.reset_count(), 1);
  from_device().set_available_index(1000);
  harness.kick(2);  // nothing to say, nothing taken
  EXPECT_EQ(harness.interrupts.reset_count(), 1);
}

TEST_F(MultiportTest, Nonsense_on_the_control_queue_does_no_harm) {
  say(control(77, 3, 1));
  say(control(0xffffffff, 6, 1));
  say(control(0, 999, 1));
  say(bytes_of({1, 2, 3}));
  to_device().add({to_device().writable(8)});
  harness.kick(3);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(to_device().take_used()) << i;
  give_room(4);
  EXPECT_TRUE(heard().empty());
}

}  // namespace
}  // namespace lintel::virtio
