// SPDX-License-Identifier: Apache-2.0
#include "passthrough/attach_refusal.h"

#include <gtest/gtest.h>

namespace lintel::passthrough {
namespace {

TEST(UnmovableReservedRegion, Group_without_the_file_has_none) {
  EXPECT_EQ(unmovable_reserved_region("/nonexistent"), std::nullopt);
}

}  // namespace
}  // namespace lintel::passthrough
