// SPDX-License-Identifier: Apache-2.0
// What is made from the tables, against the committed files that people and packages read. After
// an intended change: LINTEL_UPDATE_GOLDEN=1 golden_config_test, and review the difference.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "vmm/config/cli.h"
#include "vmm/config/render.h"

namespace lintel {
namespace {

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(LINTEL_SOURCE_DIR "/") + name;
  if (std::getenv("LINTEL_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ostringstream golden;
  golden << std::ifstream(path).rdbuf();
  EXPECT_EQ(golden.str(), text) << name << " is stale; see the head of golden_test.cc";
}

TEST(Golden, manual_of_the_file) {
  expect_golden("docs/man/lintel.toml.5", config::file_manual());
}

TEST(Golden, manual_of_the_command) {
  expect_golden("docs/man/lintel.1", cli::command_manual(cli::describe()));
}

TEST(Golden, schema) {
  expect_golden("docs/lintel.schema.json", config::json_schema());
}

TEST(Golden, help) {
  std::string text = "$ lintel --help\n" + cli::help(cli::describe());
  for (const cli::VerbDoc& verb : cli::describe()) {
    text += "\n$ lintel " + std::string(verb.name) + " --help\n" + cli::help(verb);
  }
  expect_golden("tests/golden/config/help.txt", text);
}

}  // namespace
}  // namespace lintel
