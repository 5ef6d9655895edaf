// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/suggest.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace lintel::config {
namespace {

TEST(EditDistance, counts_each_kind_of_slip_once) {
  EXPECT_EQ(edit_distance("count", "count"), 0U);
  EXPECT_EQ(edit_distance("cont", "count"), 1U);
  EXPECT_EQ(edit_distance("coount", "count"), 1U);
  EXPECT_EQ(edit_distance("coumt", "count"), 1U);
  EXPECT_EQ(edit_distance("conut", "count"), 1U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
}

TEST(EditDistance, long_words_are_cut) {
  EXPECT_EQ(edit_distance(std::string(1000, 'a'), std::string(2000, 'a')), 0U);
}

TEST(Closest, names_the_nearest_or_nothing) {
  constexpr std::array<std::string_view, 3> kKeys{"timeout", "shutdown_timeout", "name"};
  EXPECT_EQ(closest("timout", kKeys), "timeout");
  EXPECT_EQ(closest("shutdown-timeout", kKeys), "shutdown_timeout");
  EXPECT_EQ(closest("colour", kKeys), "");
}

}  // namespace
}  // namespace lintel::config
