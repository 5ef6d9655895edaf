// SPDX-License-Identifier: Apache-2.0
#include "passthrough/backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vmm/base/error.h"

namespace lintel::passthrough {
namespace {

using testing::HasSubstr;

constexpr Backends kBoth{.container = true, .iommufd = true};
constexpr Backends kContainer{.container = true};
constexpr Backends kIommufd{.iommufd = true};
constexpr Backends kNeither{};
constexpr Backends kNotBuilt{.iommufd = true, .built_with_iommufd = false};

std::string failure(Backend wanted, const Backends& there) {
  try {
    choose_backend(wanted, there);
  } catch (const Error& error) {
    return error.describe();
  }
  return "";
}

TEST(ChooseBackend, Auto_prefers_the_container) {
  EXPECT_EQ(choose_backend(Backend::kAuto, kBoth), Backend::kContainer);
  EXPECT_EQ(choose_backend(Backend::kAuto, kContainer), Backend::kContainer);
  EXPECT_EQ(choose_backend(Backend::kAuto, kIommufd), Backend::kIommufd);
}

TEST(ChooseBackend, Wish_is_granted_or_refused_with_the_reason) {
  EXPECT_EQ(choose_backend(Backend::kIommufd, kBoth), Backend::kIommufd);
  EXPECT_EQ(choose_backend(Backend::kContainer, kBoth), Backend::kContainer);
  EXPECT_THAT(failure(Backend::kContainer, kIommufd), HasSubstr("it has iommufd"));
  EXPECT_THAT(failure(Backend::kContainer, kNeither), HasSubstr("modprobe vfio-pci"));
  EXPECT_THAT(failure(Backend::kIommufd, kContainer), HasSubstr("CONFIG_IOMMUFD"));
}

TEST(ChooseBackend, Host_with_nothing_is_told_what_to_turn_on) {
  EXPECT_THAT(failure(Backend::kAuto, kNeither), HasSubstr("intel_iommu=on"));
}

TEST(ChooseBackend, Build_without_iommufd_does_not_choose_it) {
  EXPECT_NE(failure(Backend::kAuto, kNotBuilt), "");
  EXPECT_THAT(failure(Backend::kIommufd, kNotBuilt), HasSubstr("LINTEL_KERNEL_HEADERS"));
}

}  // namespace
}  // namespace lintel::passthrough
