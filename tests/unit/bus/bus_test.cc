// SPDX-License-Identifier: Apache-2.0
#include "vmm/bus/bus.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "vmm/base/error.h"

namespace lintel {
namespace {

struct Access {
  uint64_t offset;
  unsigned size;
  uint64_t value;
  bool operator==(const Access&) const = default;
};

// Reads return the offset in every byte.
class Recorder final : public Device {
 public:
  std::string_view name() const override { return "recorder"; }
  uint64_t read(uint64_t offset, AccessSize size) override {
    reads.push_back({offset, bytes(size), 0});
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; ++i) value |= (offset + i) << (8 * i);
    return value;  // more than was asked for: the bus cuts it
  }
  void write(uint64_t offset, AccessSize size, uint64_t value) override {
    writes.push_back({offset, bytes(size), value});
  }
  void reset() override {}

  std::vector<Access> reads;
  std::vector<Access> writes;
};

constexpr GuestRange range(uint64_t base, uint64_t size) {
  return {GuestAddress(base), size};
}

TEST(Bus, Access_reaches_the_device_with_its_offset) {
  Bus bus("test");
  Recorder device;
  bus.add(range(0x100, 8), device);
  EXPECT_EQ(bus.read(GuestAddress(0x102), AccessSize::k2), 0x0302u);
  bus.write(GuestAddress(0x104), AccessSize::k4, 0xffffffff12345678);
  EXPECT_EQ(device.reads, (std::vector<Access>{{2, 2, 0}}));
  EXPECT_EQ(device.writes, (std::vector<Access>{{4, 4, 0x12345678}}));
}

TEST(Bus, Hole_reads_all_ones_in_the_width_of_the_access) {
  Bus bus("test");
  EXPECT_EQ(bus.read(GuestAddress(0x100), AccessSize::k1), 0xffu);
  EXPECT_EQ(bus.read(GuestAddress(0x100), AccessSize::k4), 0xffffffffu);
  EXPECT_EQ(bus.read(GuestAddress(UINT64_MAX), AccessSize::k8), UINT64_MAX);
  bus.write(GuestAddress(0x100), AccessSize::k8, 1);
}

TEST(Bus, Access_that_straddles_the_end_is_cut_to_the_device) {
  Bus bus("test");
  Recorder device;
  bus.add(range(0x100, 6), device);
  EXPECT_EQ(bus.read(GuestAddress(0x104), AccessSize::k4), 0xffff0504u);
  EXPECT_EQ(device.reads, (std::vector<Access>{{4, 1, 0}, {5, 1, 0}}));
  bus.write(GuestAddress(0x105), AccessSize::k8, 0x8877665544332211);
  EXPECT_EQ(device.writes, (std::vector<Access>{{5, 1, 0x11}}));
}

TEST(Bus, Access_that_starts_before_a_device_does_not_reach_it) {
  Bus bus("test");
  Recorder device;
  bus.add(range(0x100, 8), device);
  EXPECT_EQ(bus.read(GuestAddress(0xfe), AccessSize::k4), 0xffffffffu);
  EXPECT_TRUE(device.reads.empty());
}

TEST(Bus, Top_of_the_address_space_is_usable) {
  Bus bus("test");
  Recorder device;
  bus.add(range(UINT64_MAX - 3, 4), device);
  EXPECT_EQ(bus.read(GuestAddress(UINT64_MAX), AccessSize::k2), 0xff03u);
}

TEST(Bus, Taken_range_is_an_error_that_names_the_device) {
  Bus bus("port");
  Recorder device;
  bus.add(range(0x100, 8), device);
  try {
    bus.add(range(0x107, 1), device);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "Cannot put recorder on the port bus at [0x107, +0x1): the range is taken or "
                 "invalid");
  }
  EXPECT_FALSE(bus.try_add(range(0x100, 1), device));
  EXPECT_TRUE(bus.try_add(range(0x108, 1), device));
}

TEST(Bus, Removed_device_leaves_a_hole) {
  Bus bus("test");
  Recorder device;
  bus.add(range(0x100, 8), device);
  bus.remove(range(0x100, 8));
  EXPECT_EQ(bus.read(GuestAddress(0x100), AccessSize::k1), 0xffu);
  EXPECT_TRUE(bus.try_add(range(0x104, 8), device));
}

// A device that moves itself while it is accessed, as a PCI function does when its BAR is written.
class Mover final : public Device {
 public:
  explicit Mover(Bus& bus) : bus_(bus) { bus_.add(range(0, 8), *this); }
  std::string_view name() const override { return "mover"; }
  uint64_t read(uint64_t, AccessSize) override { return 0x42; }
  void write(uint64_t, AccessSize, uint64_t value) override {
    bus_.remove(range(at_, 8));
    at_ = value;
    bus_.add(range(at_, 8), *this);
  }
  void reset() override {}

 private:
  Bus& bus_;
  uint64_t at_ = 0;
};

TEST(Bus, Device_may_move_itself_from_inside_a_write) {
  Bus bus("test");
  Mover device(bus);
  bus.write(GuestAddress(0), AccessSize::k4, 0x1000);
  EXPECT_EQ(bus.read(GuestAddress(0x1000), AccessSize::k1), 0x42u);
  EXPECT_EQ(bus.read(GuestAddress(0), AccessSize::k1), 0xffu);
}

class Constant final : public Device {
 public:
  std::string_view name() const override { return "constant"; }
  uint64_t read(uint64_t, AccessSize) override { return 0x42; }
  void write(uint64_t, AccessSize, uint64_t) override {}
  void reset() override {}
};

TEST(Bus, Reads_racing_with_removal_see_the_device_or_the_hole) {
  Bus bus("test");
  Constant device;
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> strange{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const uint64_t value = bus.read(GuestAddress(0x100), AccessSize::k1);
        if (value != 0x42 && value != 0xff) ++strange;
      }
    });
  }
  for (int i = 0; i < 2000; ++i) {
    bus.add(range(0x100, 8), device);
    bus.remove(range(0x100, 8));
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(strange.load(), 0u);
}

}  // namespace
}  // namespace lintel
