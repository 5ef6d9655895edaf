// SPDX-License-Identifier: Apache-2.0
#include "vmm/kvm/coalesced.h"

#include <linux/kvm.h>

#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "vmm/base/endian.h"

namespace lintel::kvm {
namespace {

struct Write {
  uint64_t port;
  unsigned size;
  uint64_t value;
  bool operator==(const Write&) const = default;
};

// Plays KVM's part of the ring.
class Ring {
 public:
  static constexpr uint32_t kCapacity = (4096 - 8) / sizeof(kvm_coalesced_mmio);

  explicit Ring(uint32_t start = 0) { set_head(start, start); }

  void set_head(uint32_t first, uint32_t last) {
    const std::array<uint32_t, 2> head = {first, last};
    std::memcpy(page_.data(), head.data(), sizeof head);
  }
  uint32_t first() const { return load_le<uint32_t>(page_.data()); }
  uint32_t last() const { return load_le<uint32_t>(page_.data() + 4); }

  void push(uint64_t port, uint32_t size, uint64_t value, bool pio = true) {
    kvm_coalesced_mmio entry{};
    entry.phys_addr = port;
    entry.len = size;
    entry.pio = pio ? 1 : 0;
    std::memcpy(entry.data, &value, sizeof entry.data);
    std::memcpy(page_.data() + 8 + last() * sizeof entry, &entry, sizeof entry);
    set_head(first(), (last() + 1) % kCapacity);
  }

  std::vector<Write> drain() {
    std::vector<Write> writes;
    drain_ring(page_, [&](const PortExit& exit) {
      EXPECT_TRUE(exit.write);
      writes.push_back(
          {exit.port, bytes(exit.size), load_le_bytes(exit.data.data(), bytes(exit.size))});
    });
    return writes;
  }

  std::span<std::byte> page() { return page_; }

 private:
  alignas(8) std::array<std::byte, 4096> page_{};
};

TEST(CoalescedRing, Empty_gives_nothing) {
  EXPECT_TRUE(Ring().drain().empty());
}

TEST(CoalescedRing, Entries_come_in_order_and_once) {
  Ring ring;
  ring.push(0x70, 1, 0x0a);
  ring.push(0x70, 2, 0x1234);
  ring.push(0x71, 4, 0x89abcdef);
  EXPECT_EQ(ring.drain(),
            (std::vector<Write>{{0x70, 1, 0x0a}, {0x70, 2, 0x1234}, {0x71, 4, 0x89abcdef}}));
  EXPECT_TRUE(ring.drain().empty());
}

TEST(CoalescedRing, Wraps_at_its_capacity) {
  Ring ring(Ring::kCapacity - 1);
  ring.push(0x70, 1, 1);
  ring.push(0x70, 1, 2);
  EXPECT_EQ(ring.drain(), (std::vector<Write>{{0x70, 1, 1}, {0x70, 1, 2}}));
  EXPECT_EQ(ring.first(), 1u);
}

TEST(CoalescedRing, An_entry_stays_until_its_sink_returned) {
  Ring ring;
  ring.push(0x70, 1, 1);
  uint32_t first_inside = 99;
  drain_ring(ring.page(), [&](const PortExit&) { first_inside = ring.first(); });
  EXPECT_EQ(first_inside, 0u);
  EXPECT_EQ(ring.first(), 1u);
}

TEST(CoalescedRing, Entries_without_sense_are_dropped) {
  Ring ring;
  ring.push(0x70, 1, 1, false);
  ring.push(0x70, 3, 2);
  ring.push(0x70, 1, 3);
  EXPECT_EQ(ring.drain(), (std::vector<Write>{{0x70, 1, 3}}));
}

TEST(CoalescedRing, An_index_outside_ends_the_walk) {
  Ring ring;
  ring.set_head(Ring::kCapacity, 0);
  EXPECT_TRUE(ring.drain().empty());
}

}  // namespace
}  // namespace lintel::kvm
