// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/exit_dispatch.h"

#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "vmm/base/endian.h"

namespace lintel {
namespace {

// Answers reads with 1, 2, 3... and notes every access.
class Recorder : public Device {
 public:
  struct Access {
    uint64_t offset;
    AccessSize size;
    bool write;
    uint64_t value;
    bool operator==(const Access&) const = default;
  };

  std::string_view name() const override { return "recorder"; }
  uint64_t read(uint64_t offset, AccessSize size) override {
    accesses.push_back({offset, size, false, ++next_});
    return next_;
  }
  void write(uint64_t offset, AccessSize size, uint64_t value) override {
    accesses.push_back({offset, size, true, value});
  }
  void reset() override {}

  std::vector<Access> accesses;

 private:
  uint64_t next_ = 0;
};

class ExitDispatch : public testing::Test {
 protected:
  ExitDispatch() { bus_.add({GuestAddress(0x100), 0x100}, recorder_); }

  Recorder recorder_;
  Bus bus_{"test"};
};

using Access = Recorder::Access;

TEST_F(ExitDispatch, StringWrite_IsOneAccessForEachElement) {
  std::array<std::byte, 6> data{std::byte{1}, std::byte{0}, std::byte{2},
                                std::byte{0}, std::byte{3}, std::byte{0}};
  dispatch(bus_, kvm::PortExit{0x110, AccessSize::k2, true, data});
  EXPECT_EQ(recorder_.accesses, (std::vector<Access>{{0x10, AccessSize::k2, true, 1},
                                                     {0x10, AccessSize::k2, true, 2},
                                                     {0x10, AccessSize::k2, true, 3}}));
}

TEST_F(ExitDispatch, PortRead_FillsTheExitsData) {
  std::array<std::byte, 4> data{};
  dispatch(bus_, kvm::PortExit{0x100, AccessSize::k4, false, data});
  EXPECT_EQ(load_le<uint32_t>(data.data()), 1u);
}

TEST_F(ExitDispatch, MmioOfThreeBytes_IsDoneByteByByte) {
  std::array<std::byte, 3> data{};
  dispatch(bus_, kvm::MmioExit{GuestAddress(0x120), false, data});
  ASSERT_EQ(recorder_.accesses.size(), 3u);
  EXPECT_EQ(recorder_.accesses[2], (Access{0x22, AccessSize::k1, false, 3}));
  EXPECT_EQ(data[2], std::byte{3});
}

TEST_F(ExitDispatch, MmioOfEightBytes_IsOneAccess) {
  std::array<std::byte, 8> data{};
  store_le<uint64_t>(data.data(), 0x1122334455667788);
  dispatch(bus_, kvm::MmioExit{GuestAddress(0x100), true, data});
  EXPECT_EQ(recorder_.accesses,
            (std::vector<Access>{{0, AccessSize::k8, true, 0x1122334455667788}}));
}

TEST_F(ExitDispatch, ReadOfAHole_GivesOnes) {
  std::array<std::byte, 2> data{};
  dispatch(bus_, kvm::MmioExit{GuestAddress(0x900), false, data});
  EXPECT_EQ(load_le<uint16_t>(data.data()), 0xffff);
  EXPECT_TRUE(recorder_.accesses.empty());
}

}  // namespace
}  // namespace lintel
