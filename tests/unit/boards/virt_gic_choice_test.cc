// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gtest/gtest.h>

#include "vmm/base/error.h"
#include "vmm/boards/virt/gic_choice.h"

namespace lintel::virt {
namespace {

using config::GicVersion;

constexpr HostGics kOnlyV2 = {.v2 = true};
constexpr HostGics kOnlyV3 = {.v3 = true, .its = true};
constexpr HostGics kBoth = {.v2 = true, .v3 = true, .its = true};
constexpr HostGics kNoIts = {.v2 = true, .v3 = true};

std::string refusal(GicVersion wish, uint32_t cpus, const HostGics& host) {
  try {
    choose_gic(wish, cpus, host);
  } catch (const Error& error) {
    return error.describe();
  }
  return "no error";
}

TEST(GicChoice, Auto_TakesTheOneWithMessages) {
  EXPECT_EQ(choose_gic(GicVersion::kAuto, 1, kOnlyV2), Gic::kV2);
  EXPECT_EQ(choose_gic(GicVersion::kAuto, 1, kOnlyV3), Gic::kV3);
  EXPECT_EQ(choose_gic(GicVersion::kAuto, 1, kBoth), Gic::kV3);
  EXPECT_EQ(choose_gic(GicVersion::kAuto, 8, kNoIts), Gic::kV2);
  EXPECT_EQ(choose_gic(GicVersion::kAuto, 9, kNoIts), Gic::kV3);
  EXPECT_EQ(choose_gic(GicVersion::kAuto, 1, {.v3 = true}), Gic::kV3);
}

TEST(GicChoice, Wish_IsGrantedOrRefused) {
  EXPECT_EQ(choose_gic(GicVersion::kV2, 1, kBoth), Gic::kV2);
  EXPECT_EQ(choose_gic(GicVersion::kV3, 1, kNoIts), Gic::kV3);
  EXPECT_EQ(refusal(GicVersion::kV2, 1, kOnlyV3),
            "This host's KVM has no GICv2 for guests, but vm.gic is \"2\"\n"
            "  help: it has a GICv3: set vm.gic to \"3\" or \"auto\"");
  EXPECT_EQ(refusal(GicVersion::kV3, 1, kOnlyV2),
            "This host's KVM has no GICv3 for guests, but vm.gic is \"3\"\n"
            "  help: it has a GICv2: set vm.gic to \"2\" or \"auto\"");
}

TEST(GicChoice, HostWithout_IsRefusedWhateverTheWish) {
  EXPECT_NE(refusal(GicVersion::kAuto, 1, {}).find("no interrupt controller"), std::string::npos);
  EXPECT_NE(refusal(GicVersion::kV2, 1, {}).find("no GICv2"), std::string::npos);
  EXPECT_NE(refusal(GicVersion::kV3, 1, {}).find("no GICv3"), std::string::npos);
}

TEST(GicChoice, GicV2_ServesEightCpus) {
  EXPECT_EQ(choose_gic(GicVersion::kAuto, 8, kOnlyV2), Gic::kV2);
  EXPECT_EQ(refusal(GicVersion::kAuto, 9, kOnlyV2),
            "A GICv2, which is all that this host's KVM has, serves 8 CPUs at most, not 9");
  EXPECT_EQ(refusal(GicVersion::kV2, 9, kBoth), "A GICv2 serves 8 CPUs at most, not 9");
}

}  // namespace
}  // namespace lintel::virt
