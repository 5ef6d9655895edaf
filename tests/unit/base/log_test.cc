// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/log.h"

#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "vmm/base/unique_fd.h"

namespace lintel {
namespace {

size_t count_lines(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

class LogTest : public testing::Test {
 protected:
  ~LogTest() override { log::configure({}); }
  const std::string path = testing::TempDir() + "lintel-log-test.log";
};

TEST_F(LogTest, Lines_below_the_level_are_dropped) {
  ::remove(path.c_str());
  log::configure({.level = log::Level::kInfo, .format = log::Format::kText, .file = path});
  log::debug("hidden {}", 1);
  log::info("shown {}", 2);
  const std::string text = read_whole_file(path);
  EXPECT_EQ(text.find("hidden"), std::string::npos);
  EXPECT_NE(text.find("info: shown 2\n"), std::string::npos);
}

TEST_F(LogTest, Json_lines_escape_what_a_guest_may_have_put_in) {
  ::remove(path.c_str());
  log::configure({.level = log::Level::kWarn, .format = log::Format::kJson, .file = path});
  log::warn("{}", "say \"hi\\\"\n\x1b[2J");
  const std::string text = read_whole_file(path);
  EXPECT_NE(text.find(R"("message":"say \"hi\\\"\u000a\u001b[2J"})"), std::string::npos) << text;
  EXPECT_EQ(count_lines(text), 1u);
}

TEST_F(LogTest, Flood_is_cut_and_counted) {
  ::remove(path.c_str());
  log::configure({.level = log::Level::kWarn, .format = log::Format::kText, .file = path});
  log::RateLimited limited;
  for (int i = 0; i < 100'000; ++i) limited.warn("flood");
  const size_t lines = count_lines(read_whole_file(path));
  EXPECT_GE(lines, log::RateLimited::kBurst);
  // Many seconds may have passed on a slow machine, but not a second for each line.
  EXPECT_LT(lines, 10'000u);
}

}  // namespace
}  // namespace lintel
