// SPDX-License-Identifier: Apache-2.0
#include "passthrough/dma.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include <gtest/gtest.h>

#include "tests/fakes/log_capture.h"
#include "vmm/base/error.h"

namespace lintel::passthrough {
namespace {

class FakeDmaSpace final : public DmaSpace {
 public:
  const std::string& name() const override { return name_; }
  DmaGeometry geometry() override { return {}; }
  void map(const MappedMemory& memory) override {
    if (refuse == memory.range.base) throw Error("No room");
    mapped.push_back(memory.range);
    if (meanwhile) std::exchange(meanwhile, {})();
  }
  void unmap(GuestRange range) override {
    if (keeps) throw Error("It is kept");
    std::erase(mapped, range);
  }

  std::vector<GuestRange> mapped;
  std::optional<GuestAddress> refuse;
  bool keeps = false;
  std::function<void()> meanwhile;

 private:
  const std::string name_ = "fake";
};

class DmaTest : public testing::Test {
 protected:
  MappedMemory at(uint64_t address, MemoryKind kind) {
    return {{GuestAddress(address), 0x1000}, page.data(), kind};
  }
  static GuestRange range(uint64_t address) { return {GuestAddress(address), 0x1000}; }
  void expect_few_lines_of_what_comes_and_goes(const LogCapture& captured) {
    constexpr int kTimes = 1000;
    for (int i = 0; i < kTimes; ++i) {
      map.add(at(0x9000, MemoryKind::kDevice));
      map.remove(range(0x9000));
    }
    const std::string text = captured.text();
    const auto lines = std::count(text.begin(), text.end(), '\n');
    EXPECT_GE(lines, 1);
    EXPECT_LT(lines, kTimes / 2);
  }

  alignas(4096) std::array<std::byte, 4096> page{};
  FakeDmaSpace space;
  MemoryMap map{4096};
};

using Ranges = std::vector<GuestRange>;

TEST_F(DmaTest, Ram_is_mapped_and_nothing_else) {
  map.add(at(0x1000, MemoryKind::kRam));
  DmaMappings mappings(space, map, {});
  map.add(at(0x5000, MemoryKind::kRam));
  map.add(at(0x8000, MemoryKind::kReadOnly));
  map.add(at(0x9000, MemoryKind::kDevice));
  EXPECT_EQ(space.mapped, (Ranges{range(0x1000), range(0x5000)}));
}

TEST_F(DmaTest, Ram_that_is_there_is_mapped_while_others_use_the_map) {
  map.add(at(0x1000, MemoryKind::kRam));
  map.add(at(0x9000, MemoryKind::kDevice));
  space.meanwhile = [this] { map.remove(range(0x9000)); };
  DmaMappings mappings(space, map, {.peer_to_peer = true});
  EXPECT_EQ(space.mapped, Ranges{range(0x1000)});
  EXPECT_EQ(mappings.size(), 0x1000u);
}

TEST_F(DmaTest, Refused_ram_that_is_there_leaves_nothing) {
  map.add(at(0x1000, MemoryKind::kRam));
  map.add(at(0x5000, MemoryKind::kRam));
  space.refuse = GuestAddress(0x5000);
  EXPECT_THROW(DmaMappings(space, map, {}), Error);
  EXPECT_EQ(space.mapped, Ranges{});
}

TEST_F(DmaTest, Removed_memory_is_unmapped_and_so_is_all_at_the_end) {
  {
    DmaMappings mappings(space, map, {});
    map.add(at(0x1000, MemoryKind::kRam));
    map.add(at(0x5000, MemoryKind::kRam));
    map.remove(range(0x1000));
    EXPECT_EQ(space.mapped, Ranges{range(0x5000)});
  }
  EXPECT_EQ(space.mapped, Ranges{});
}

TEST_F(DmaTest, Refused_ram_is_an_error) {
  DmaMappings mappings(space, map, {});
  space.refuse = GuestAddress(0x1000);
  EXPECT_THROW(map.add(at(0x1000, MemoryKind::kRam)), Error);
}

TEST_F(DmaTest, Peers_reach_a_device_where_it_is_asked_for) {
  DmaMappings mappings(space, map, {.peer_to_peer = true});
  map.add(at(0x9000, MemoryKind::kDevice));
  EXPECT_EQ(space.mapped, Ranges{range(0x9000)});
  map.remove(range(0x9000));
  EXPECT_EQ(space.mapped, Ranges{});
}

TEST_F(DmaTest, Device_that_cannot_be_mapped_is_left_out) {
  DmaMappings mappings(space, map, {.peer_to_peer = true});
  space.refuse = GuestAddress(0x9000);
  map.add(at(0x9000, MemoryKind::kDevice));
  EXPECT_EQ(space.mapped, Ranges{});
  map.remove(range(0x9000));
}

TEST_F(DmaTest, Device_that_comes_and_goes_does_not_fill_the_log) {
  const LogCapture captured(log::Level::kWarn);
  DmaMappings mappings(space, map, {.peer_to_peer = true});
  space.refuse = GuestAddress(0x9000);
  expect_few_lines_of_what_comes_and_goes(captured);
}

TEST_F(DmaTest, Memory_that_is_not_given_back_does_not_fill_the_log) {
  const LogCapture captured(log::Level::kError);
  space.keeps = true;
  DmaMappings mappings(space, map, {.peer_to_peer = true});
  expect_few_lines_of_what_comes_and_goes(captured);
}

}  // namespace
}  // namespace lintel::passthrough
