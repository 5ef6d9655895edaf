// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/free_numbers.h"

#include <gtest/gtest.h>

namespace lintel {
namespace {

TEST(FreeNumbers, What_comes_and_goes_without_end_needs_one_number) {
  FreeNumbers numbers(2);
  EXPECT_EQ(numbers.take(), 0u);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(numbers.take(), 1u);
    numbers.give_back(1);
  }
}

TEST(FreeNumbers, No_number_is_in_use_twice_or_beyond_the_limit) {
  FreeNumbers numbers(3);
  for (uint32_t number = 0; number < 3; ++number) EXPECT_EQ(numbers.take(), number);
  EXPECT_EQ(numbers.take(), std::nullopt);
  numbers.give_back(1);
  numbers.give_back(0);
  EXPECT_EQ(numbers.take(), 0u);
  EXPECT_EQ(numbers.take(), 1u);
  EXPECT_EQ(numbers.take(), std::nullopt);
}

}  // namespace
}  // namespace lintel
