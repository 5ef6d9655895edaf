// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/error.h"

#include <cerrno>

#include <gtest/gtest.h>

namespace lintel {
namespace {

template <typename Body>
Error caught(Body&& body) {
  try {
    body();
  } catch (Error& error) {
    return error;
  }
  return Error("nothing was thrown");
}

TEST(Error, Chain_is_described_outermost_first_with_the_help_last) {
  const Error error =
      Error("inner").with_context("middle").with_context("outer").with_help("try again");
  EXPECT_STREQ(error.what(), "outer");
  EXPECT_EQ(error.describe(), "outer\n  caused by: middle\n  caused by: inner\n  help: try again");
}

TEST(Error, Errno_is_a_cause_in_words_and_kept_as_a_number) {
  const Error error = caught([] { throw_errno(EACCES, "Cannot open {}", "/x"); });
  EXPECT_EQ(error.errno_value(), EACCES);
  EXPECT_EQ(error.describe(), "Cannot open /x\n  caused by: Permission denied (13)");
}

TEST(Error, Context_is_made_only_for_failures_and_passes_values_through) {
  int made = 0;
  const auto context = [&] {
    ++made;
    return std::string("while testing");
  };
  EXPECT_EQ(with_context(context, [] { return 42; }), 42);
  EXPECT_EQ(made, 0);
  const Error error =
      caught([&] { with_context(context, [] { throw_errno(ENOENT, "inner {}", 1); }); });
  EXPECT_EQ(made, 1);
  EXPECT_EQ(error.describe(),
            "while testing\n  caused by: inner 1\n  caused by: No such file or directory (2)");
  EXPECT_EQ(error.errno_value(), ENOENT);
}

}  // namespace
}  // namespace lintel
