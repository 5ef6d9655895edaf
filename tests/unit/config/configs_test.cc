// SPDX-License-Identifier: Apache-2.0
// The examples that users start from.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "vmm/config/load.h"

namespace lintel::config {
namespace {

const std::filesystem::path kFolder = LINTEL_SOURCE_DIR "/configs";

std::vector<std::string> examples() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".toml") out.push_back(entry.path().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

class Example : public ::testing::TestWithParam<std::string> {};

TEST_P(Example, is_valid_but_for_files_that_are_not_made_yet) {
  LoadOptions options;
  options.architecture = Architecture::kX86_64;  // all are for it, some for both
  options.check_files = false;
  EXPECT_EQ(to_text(load_file(GetParam(), options).problems), "");
  options.check_files = true;
  for (const Problem& problem : load_file(GetParam(), options).problems) {
    EXPECT_EQ(problem.id, ProblemId::kFile) << to_text(problem);
  }
}

INSTANTIATE_TEST_SUITE_P(Configs, Example, ::testing::ValuesIn(examples()),
                         [](const auto& example) {
                           std::string name = std::filesystem::path(example.param).stem().string();
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Examples, those_for_both_are_valid_on_arm64) {
  for (const char* file : {"debian.toml", "hotplug.toml", "passthrough-iommufd.toml",
                           "passthrough-manual.toml", "passthrough-nvme.toml", "vfio-user.toml"}) {
    const LoadOptions options{.check_files = false, .architecture = Architecture::kArm64};
    EXPECT_EQ(to_text(load_file(kFolder / file, options).problems), "") << file;
  }
}

TEST(Examples, profiles_are_valid_too) {
  const struct {
    const char* file;
    const char* profile;
  } cases[] = {{"kernel-ci.toml", "log"}, {"hugepages.toml", "gigantic"}};
  for (const auto& test : cases) {
    const LoadOptions options{
        .profiles = {test.profile}, .check_files = false, .architecture = Architecture::kX86_64};
    EXPECT_EQ(to_text(load_file(kFolder / test.file, options).problems), "") << test.file;
  }
}

}  // namespace
}  // namespace lintel::config
