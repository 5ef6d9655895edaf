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

TEST_F(Doctor, iommu_that_is_off_is_switched_on_as_its_maker_has_it) {
  write("/proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu vme\n");
  EXPECT_EQ(check("iommu").verdict, Verdict::kWarn);
  EXPECT_THAT(check("iommu").help, ::testing::HasSubstr("VT-d on in the firmware's setup"));
  write("/sys/firmware/acpi/tables/DMAR", "");
  EXPECT_EQ(check("iommu").help, "boot the host with intel_iommu=on on its kernel's command line");
  write("/proc/cmdline", "root=/dev/sda1 intel_iommu=off quiet\n");
  EXPECT_EQ(check("iommu").help,
            "remove intel_iommu=off from the command line of the host's kernel");
  write("/proc/cmdline", "\n");
  write("/proc/cpuinfo", "vendor_id : AuthenticAMD\n");
  EXPECT_THAT(check("iommu").help, ::testing::HasSubstr("AMD-Vi"));
  write("/proc/cpuinfo", "CPU implementer : 0x41\n");
  EXPECT_THAT(check("iommu").help, ::testing::HasSubstr("SMMU"));
  write("/proc/cpuinfo", "vendor_id : GenuineIntel\nflags : fpu hypervisor\n");
  EXPECT_THAT(check("iommu").help, ::testing::HasSubstr("-device intel-iommu,intremap=on"));
  write("/sys/kernel/iommu_groups/0/name", "vfio-noiommu\n");
  EXPECT_EQ(check("iommu").verdict, Verdict::kWarn) << "that is none";
  write("/sys/kernel/iommu_groups/1/type", "DMA\n");
  EXPECT_EQ(check("iommu").message, "on, with 2 groups");
}

TEST_F(Doctor, interrupts_that_are_remapped_have_chips_of_that_name) {
  write("/proc/cpuinfo", "vendor_id : GenuineIntel\n");
  write("/proc/interrupts",
        "  9:  0  IO-APIC   9-fasteoi  acpi\n 24:  5  PCI-MSI 512-edge  nvme0\n");
  EXPECT_EQ(check("interrupt-remapping").verdict, Verdict::kWarn);
  EXPECT_THAT(check("interrupt-remapping").message, ::testing::HasSubstr("VFIO refuses"));
  write("/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts", "Y\n");
  EXPECT_THAT(check("interrupt-remapping").message,
              ::testing::HasSubstr("unsafe interrupts are allowed"));
  write("/proc/interrupts", "  9:  0  IR-IO-APIC   9-fasteoi  acpi\n");
  EXPECT_EQ(check("interrupt-remapping").verdict, Verdict::kOk);
  write("/proc/cpuinfo", "CPU implementer : 0x41\n");
  EXPECT_EQ(check("interrupt-remapping").verdict, Verdict::kWarn);
  write("/proc/interrupts", " 24:  5  ITS-MSI 512 Edge  nvme0\n");
  EXPECT_EQ(check("interrupt-remapping").verdict, Verdict::kOk);
}

TEST_F(Doctor, vfio_is_its_driver_and_its_nodes) {
  EXPECT_EQ(check("vfio-pci").verdict, Verdict::kWarn);
  write("/proc/sys/kernel/osrelease", "6.1.0-x\n");
  write("/lib/modules/6.1.0-x/modules.dep", "kernel/drivers/vfio/pci/vfio-pci.ko: a.ko\n");
  EXPECT_THAT(check("vfio-pci").message, ::testing::HasSubstr("not loaded"));
  EXPECT_EQ(check("vfio-pci").verdict, Verdict::kOk);
  write("/sys/bus/pci/drivers/vfio-pci/bind", "");
  EXPECT_EQ(check("vfio-pci").message, "loaded");

  EXPECT_EQ(check("vfio").verdict, Verdict::kWarn);
  write("/dev/iommu", "");
  EXPECT_EQ(check("vfio").message, "iommufd");
  write("/dev/vfio/vfio", "");
  write("/dev/vfio/14", "");
  EXPECT_EQ(check("vfio").message, "containers and iommufd");
  EXPECT_EQ(check("vfio").verdict, Verdict::kOk);
}

TEST_F(Doctor, memory_that_may_be_locked_is_the_hard_limit) {
  write("/proc/self/status", "CapEff:\t0000000000000000\n");
  write("/proc/self/limits", "Max locked memory  1048576  8388608  bytes\n");
  EXPECT_EQ(check("memlock").verdict, Verdict::kWarn);
  EXPECT_THAT(check("memlock").message,
              ::testing::HasSubstr("8 MiB may be locked (the soft limit is 1 MiB)"));
  write("/proc/self/limits", "Max locked memory  1048576  unlimited  bytes\n");
  EXPECT_EQ(check("memlock").message, "unlimited");
}

TEST_F(Doctor, host_that_is_a_guest_says_so) {
  write("/proc/cpuinfo", "vendor_id : GenuineIntel\nflags : fpu\n");
  write("/sys/class/dmi/id/sys_vendor", "Google\n");
  EXPECT_EQ(check("virtual").verdict, Verdict::kOk) << "a machine may be of that maker";
  write("/proc/cpuinfo", "vendor_id : GenuineIntel\nflags : fpu hypervisor\n");
  EXPECT_EQ(check("virtual").verdict, Verdict::kWarn);
  EXPECT_THAT(check("virtual").message, ::testing::HasSubstr("a guest, of Google"));
  write("/proc/cpuinfo", "CPU implementer : 0x41\n");
  write("/sys/class/dmi/id/sys_vendor", "QEMU\n");
  EXPECT_THAT(check("virtual").message, ::testing::HasSubstr("of QEMU"));
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
