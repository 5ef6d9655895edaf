// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/pvpanic.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_machine_events.h"

namespace lintel {
namespace {

using Seen = std::vector<std::string>;

TEST(Pvpanic, Says_which_events_it_knows) {
  FakeMachineEvents events;
  Pvpanic device(events);
  EXPECT_EQ(device.read(0, AccessSize::k1), 7u);
}

TEST(Pvpanic, Each_bit_is_its_event_and_a_panic_comes_first) {
  FakeMachineEvents events;
  Pvpanic device(events);
  device.write(0, AccessSize::k1, 0x01);
  device.write(0, AccessSize::k1, 0x02);
  device.write(0, AccessSize::k1, 0x04);
  device.write(0, AccessSize::k1, 0x07);
  device.write(0, AccessSize::k1, 0xf8);
  EXPECT_EQ(events.seen(), (Seen{"panicked", "crash-loaded", "shutting-down", "panicked"}));
}

TEST(Pvpanic, In_memory_the_first_byte_of_any_width_counts) {
  FakeMachineEvents events;
  Pvpanic device(events);
  EXPECT_EQ(device.read(0, AccessSize::k4), 7u);
  EXPECT_EQ(device.read(1, AccessSize::k1), 0u);
  EXPECT_EQ(device.read(2, AccessSize::k2), 0u);
  device.write(0, AccessSize::k4, 0x01);
  device.write(1, AccessSize::k1, 0x01);
  device.write(0, AccessSize::k4, 0x0100);
  EXPECT_EQ(events.seen(), Seen{"panicked"});
}

}  // namespace
}  // namespace lintel
