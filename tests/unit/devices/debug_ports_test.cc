// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/debug_ports.h"

#include <string_view>

#include <gtest/gtest.h>

#include "tests/fakes/fake_machine_events.h"

namespace lintel {
namespace {

class LineRecorder final : public ByteSink {
 public:
  void output(std::span<const std::byte> bytes) override {
    lines.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  std::vector<std::string> lines;
};

void print(DebugConsole& console, std::string_view text) {
  for (const char c : text) console.write(0, AccessSize::k1, static_cast<uint8_t>(c));
}

TEST(DebugConsole, Read_is_the_signature_that_firmware_looks_for) {
  LineRecorder sink;
  DebugConsole console(sink);
  EXPECT_EQ(console.read(0, AccessSize::k1), 0xe9u);
}

TEST(DebugConsole, Output_comes_in_whole_lines) {
  LineRecorder sink;
  DebugConsole console(sink);
  print(console, "PEI\nDX");
  EXPECT_EQ(sink.lines, std::vector<std::string>{"PEI\n"});
  print(console, "E\n");
  EXPECT_EQ(sink.lines, (std::vector<std::string>{"PEI\n", "DXE\n"}));
}

TEST(DebugConsole, Endless_line_is_cut) {
  LineRecorder sink;
  DebugConsole console(sink);
  print(console, std::string(2 * DebugConsole::kLineLimit, 'x'));
  ASSERT_EQ(sink.lines.size(), 2u);
  EXPECT_EQ(sink.lines[0].size(), DebugConsole::kLineLimit);
}

TEST(DebugConsole, Unfinished_line_comes_out_at_reset_and_at_the_end) {
  LineRecorder sink;
  {
    DebugConsole console(sink);
    print(console, "one");
    console.reset();
    EXPECT_EQ(sink.lines, std::vector<std::string>{"one"});
    print(console, "two");
  }
  EXPECT_EQ(sink.lines, (std::vector<std::string>{"one", "two"}));
}

TEST(DebugExit, Value_of_any_width_reaches_the_machine) {
  FakeMachineEvents events;
  DebugExit device(events);
  device.write(0, AccessSize::k1, 0x10);
  device.write(0, AccessSize::k4, 0xdeadbeef);
  EXPECT_EQ(events.seen(), (std::vector<std::string>{"exit 0x10", "exit 0xdeadbeef"}));
}

}  // namespace
}  // namespace lintel
