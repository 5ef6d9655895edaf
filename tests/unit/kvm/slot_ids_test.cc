// SPDX-License-Identifier: Apache-2.0
#include "vmm/kvm/slot_ids.h"

#include <gtest/gtest.h>

namespace lintel::kvm {
namespace {

TEST(SlotIds, A_slot_that_comes_and_goes_without_end_needs_one_number) {
  SlotIds ids(2);
  EXPECT_EQ(ids.take(), 0u);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(ids.take(), 1u);
    ids.give_back(1);
  }
}

TEST(SlotIds, No_number_is_in_use_twice_or_beyond_the_limit) {
  SlotIds ids(3);
  for (uint32_t id = 0; id < 3; ++id) EXPECT_EQ(ids.take(), id);
  EXPECT_EQ(ids.take(), std::nullopt);
  ids.give_back(1);
  ids.give_back(0);
  EXPECT_EQ(ids.take(), 0u);
  EXPECT_EQ(ids.take(), 1u);
  EXPECT_EQ(ids.take(), std::nullopt);
}

}  // namespace
}  // namespace lintel::kvm
