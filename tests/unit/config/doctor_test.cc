// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/doctor.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vmm/base/error.h"

namespace lintel::doctor {
namespace {

// A host that is a folder.
class Doctor : public ::testing::Test {
 protected:
  Doctor() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lintel-XXXXXX").string();
    host_.root = mkdtemp(pattern.data());
    host_.use_kvm = [] {};
  }
  ~Doctor() override { std::filesystem::remove_all(host_.root); }

  void write(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = host_.root + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  Finding check(std::string_view name) const { return examine(host_, name).at(0); }

  Host host_;
};

TEST_F(Doctor, kvm_that_runs_no_guest_fails_with_what_to_do) {
  EXPECT_EQ(check("kvm").verdict, Verdict::kOk);
  host_.use_kvm = [] { throw Error("no permission").with_help("join the group"); };
  EXPECT_EQ(check("kvm").verdict, Verdict::kFail);
  EXPECT_EQ(check("kvm").message, "no permission");
  EXPECT_EQ(check("kvm").help, "join the group");
  EXPECT_TRUE(failed(examine(host_, "")));
}

TEST_F(Doctor, what_only_some_machines_need_is_a_warning) {
  for (const Finding& finding : examine(host_, "")) {
    EXPECT_NE(finding.verdict, Verdict::kFail) << finding.name;
  }
}

TEST_F(Doctor, nested_reads_the_modules_parameter) {
  EXPECT_EQ(check("nested").verdict, Verdict::kWarn);
  write("/sys/module/kvm_amd/parameters/nested", "0\n");
  EXPECT_EQ(check("nested").verdict, Verdict::kWarn);
  EXPECT_THAT(check("nested").help, ::testing::HasSubstr("kvm_amd nested=1"));
  write("/sys/module/kvm_amd/parameters/nested", "1\n");
  EXPECT_EQ(check("nested").verdict, Verdict::kOk);
}

TEST_F(Doctor, hugepages_counts_the_pools) {
  write("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
  write("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "512\n");
  EXPECT_EQ(check("hugepages").verdict, Verdict::kOk);
  EXPECT_THAT(check("hugepages").message, ::testing::HasSubstr("512 of 2M free"));
  write("/sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n");
  EXPECT_EQ(check("hugepages").verdict, Verdict::kWarn);
}

TEST_F(Doctor, device_nodes_are_opened) {
  EXPECT_EQ(check("vhost-net").verdict, Verdict::kWarn);
  EXPECT_EQ(check("vhost-net").help, "modprobe vhost_net");
  write("/dev/vhost-net", "");
  EXPECT_EQ(check("vhost-net").verdict, Verdict::kOk);
}

TEST_F(Doctor, passt_is_looked_for_in_the_search_path) {
  host_.search_path = "/nowhere:" + host_.root + "/bin";
  EXPECT_EQ(check("passt").verdict, Verdict::kWarn);
  write("/bin/passt", "");
  std::filesystem::permissions(host_.root + "/bin/passt", std::filesystem::perms::owner_all);
  EXPECT_EQ(check("passt").message, host_.root + "/bin/passt");
}

TEST(DoctorReport, has_a_line_a_finding_and_json) {
  const std::vector<Finding> findings{{"kvm", Verdict::kFail, "gone", "get it"},
                                      {"tap", Verdict::kOk, "there", ""}};
  EXPECT_EQ(to_text(findings), "fail  kvm: gone\n      help: get it\nok    tap: there\n");
  EXPECT_EQ(complaints(findings).size(), 1U);
  EXPECT_THAT(to_json(findings), ::testing::HasSubstr("\"verdict\": \"fail\""));
  EXPECT_THAT(to_json(findings), ::testing::HasSubstr("\"name\": \"tap\""));
}

}  // namespace
}  // namespace lintel::doctor
