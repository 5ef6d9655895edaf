// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/text.h"

#include <gtest/gtest.h>

namespace lintel {
namespace {

TEST(Text, Joined_texts_have_what_is_between_them_only_there) {
  EXPECT_EQ(join({}), "");
  EXPECT_EQ(join({"a"}, "; "), "a");
  EXPECT_EQ(join({"a", "", "c"}, "; "), "a; ; c");
}

TEST(Text, Sizes_have_the_largest_unit_that_is_exact) {
  EXPECT_EQ(format_size(0), "0K");
  EXPECT_EQ(format_size(512), "512");
  EXPECT_EQ(format_size(4096), "4K");
  EXPECT_EQ(format_size((uint64_t{1} << 30) + 4096), "1048580K");
  EXPECT_EQ(format_size(uint64_t{3} << 29), "1536M");
  EXPECT_EQ(format_size(uint64_t{1} << 40), "1T");
  EXPECT_EQ(format_size(uint64_t{1} << 50), "1024T");
}

}  // namespace
}  // namespace lintel
