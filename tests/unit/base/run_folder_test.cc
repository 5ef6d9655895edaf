// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/run_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vmm/base/error.h"

namespace lintel {
namespace {

class RunFolder : public ::testing::Test {
 protected:
  RunFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lintel-XXXXXX").string();
    parent_ = mkdtemp(pattern.data());
    path_ = parent_ + "/lintel";
  }
  ~RunFolder() override { std::filesystem::remove_all(parent_); }

  unsigned mode() const {
    struct stat status{};
    EXPECT_EQ(lstat(path_.c_str(), &status), 0);
    return status.st_mode & 07777;
  }

  std::string parent_;
  std::string path_;
};

TEST_F(RunFolder, Is_the_users_alone_whoever_makes_it) {
  make_run_folder(path_);
  EXPECT_EQ(mode(), 0700U);
  ASSERT_EQ(chmod(path_.c_str(), 0755), 0);
  make_run_folder(path_);
  EXPECT_EQ(mode(), 0700U);
}

TEST_F(RunFolder, Of_another_user_is_refused) {
  std::string others = "/usr";
  if (geteuid() == 0) {
    ASSERT_EQ(mkdir(path_.c_str(), 0700), 0);
    ASSERT_EQ(chown(path_.c_str(), 1, 1), 0);
    others = path_;
  }
  try {
    make_run_folder(others);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.describe(), ::testing::HasSubstr("belongs to the user"));
  }
}

TEST_F(RunFolder, That_is_a_link_is_refused) {
  ASSERT_EQ(symlink(parent_.c_str(), path_.c_str()), 0);
  EXPECT_THROW(make_run_folder(path_), Error);
}

TEST(MachineName, Is_that_of_no_other_file_in_the_folder) {
  for (const char* name :
       {"", ".", "..", ".a", "a/b", "lock", "bound.json", "bound.json.new", "a.sock"}) {
    EXPECT_FALSE(can_name_machine(name)) << name;
  }
  for (const char* name : {"a", "locks", "a.json", "sock", "a.sock.b", "win11-2"}) {
    EXPECT_TRUE(can_name_machine(name)) << name;
  }
}

}  // namespace
}  // namespace lintel
