// SPDX-License-Identifier: Apache-2.0
#include "passthrough/user/region_capabilities.h"

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "passthrough/user/protocol.h"
#include "vmm/base/endian.h"
#include "vmm/base/error.h"

namespace lintel::passthrough::user {
namespace {

constexpr uint32_t kFirst = sizeof(RegionInfoMessage);
constexpr uint64_t kRegionSize = 0x10000;

// A description of a region with capabilities behind it, put together from 32-bit words.
class Description {
 public:
  Description() : bytes_(kFirst) {}

  uint32_t end() const { return static_cast<uint32_t>(bytes_.size()); }
  Description& word(uint32_t value) {
    bytes_.resize(bytes_.size() + sizeof value);
    store_le(bytes_.data() + bytes_.size() - sizeof value, value);
    return *this;
  }
  Description& header(uint16_t id, uint32_t next) { return word(id | 1u << 16).word(next); }
  Description& area(uint64_t offset, uint64_t size) {
    for (const uint64_t value : {offset, size}) {
      word(static_cast<uint32_t>(value)).word(static_cast<uint32_t>(value >> 32));
    }
    return *this;
  }
  RegionCapabilities parse(uint32_t first = kFirst) const {
    return parse_region_capabilities(bytes_, first, kRegionSize);
  }

 private:
  std::vector<std::byte> bytes_;
};

using Parts = std::vector<RegionPart>;

TEST(RegionCapabilities, None_is_what_an_empty_list_has) {
  const RegionCapabilities capabilities = Description().parse(0);
  EXPECT_FALSE(capabilities.sparse.has_value());
  EXPECT_FALSE(capabilities.type.has_value());
  EXPECT_FALSE(capabilities.msix_mappable);
}

TEST(RegionCapabilities, List_is_followed_in_its_own_order_past_what_is_unknown) {
  Description description;
  description.header(kCapabilityMsixMappable, 0);
  const uint32_t type = description.end();
  description.header(kCapabilityType, kFirst).word(0x80008086).word(3);
  const uint32_t unknown = description.end();
  description.header(0x7fff, type);
  const uint32_t sparse = description.end();
  description.header(kCapabilitySparseMmap, unknown).word(3).word(0);
  description.area(0x5000, 0xb000).area(0x2000, 0).area(0x1000, 0x1800);
  const RegionCapabilities capabilities = description.parse(sparse);
  EXPECT_EQ(capabilities.sparse, (Parts{{0x1000, 0x1800}, {0x5000, 0xb000}}));
  EXPECT_EQ(capabilities.type, (RegionType{0x80008086, 3}));
  EXPECT_TRUE(capabilities.msix_mappable);
}

TEST(RegionCapabilities, Sparse_without_areas_means_that_nothing_can_be_mapped) {
  EXPECT_EQ(Description().header(kCapabilitySparseMmap, 0).word(0).word(0).parse().sparse, Parts{});
}

struct Malformed {
  const char* name;
  std::function<Description()> make;
  uint32_t first;
  const char* complaint;
};

class MalformedCapabilities : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedCapabilities, Is_an_error) {
  try {
    GetParam().make().parse(GetParam().first);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(GetParam().complaint), std::string::npos)
        << error.what();
  }
}

Description sparse_of(uint32_t count) {
  Description description;
  description.header(kCapabilitySparseMmap, 0).word(count).word(0);
  return description;
}

INSTANTIATE_TEST_SUITE_P(
    , MalformedCapabilities,
    testing::Values(
        Malformed{"FirstInTheDescription", [] { return Description().header(9, 0); }, 8, "outside"},
        Malformed{"FirstBehindTheEnd", [] { return Description().header(9, 0); }, kFirst + 12,
                  "outside"},
        Malformed{"FirstAtTheEnd", [] { return Description().header(9, 0); }, kFirst + 8,
                  "outside"},
        Malformed{"FirstMisaligned", [] { return Description().header(9, 0).word(0); }, kFirst + 1,
                  "odd offset"},
        Malformed{"HeaderCutOff", [] { return Description().word(9); }, kFirst, "outside"},
        Malformed{"NextFarAway", [] { return Description().header(9, 0xfffffff8); }, kFirst,
                  "outside"},
        Malformed{"NextInTheDescription", [] { return Description().header(9, 4); }, kFirst,
                  "outside"},
        Malformed{"NextIsItself", [] { return Description().header(9, kFirst); }, kFirst, "loop"},
        Malformed{"LoopOfTwo", [] { return Description().header(9, kFirst + 8).header(9, kFirst); },
                  kFirst, "loop"},
        Malformed{"TypeCutOff", [] { return Description().header(kCapabilityType, 0).word(1); },
                  kFirst, "cut off"},
        Malformed{"SparseCutOff",
                  [] { return Description().header(kCapabilitySparseMmap, 0).word(0); }, kFirst,
                  "cut off"},
        Malformed{"OneAreaTooMany", [] { return sparse_of(2).area(0, 0x1000).word(0).word(0); },
                  kFirst, "do not fit"},
        Malformed{"ManyAreas", [] { return sparse_of(0xffffffff).area(0, 0x1000); }, kFirst,
                  "do not fit"},
        Malformed{"AreaBeyondTheRegion", [] { return sparse_of(1).area(0x1000, kRegionSize); },
                  kFirst, "not inside the region"},
        Malformed{"AreaBehindTheRegion", [] { return sparse_of(1).area(kRegionSize + 1, 0); },
                  kFirst, "not inside the region"},
        Malformed{"AreaThatWraps", [] { return sparse_of(1).area(0x1000, UINT64_MAX); }, kFirst,
                  "not inside the region"},
        Malformed{"AreasThatOverlap",
                  [] { return sparse_of(2).area(0x2000, 0x1000).area(0x1000, 0x1001); }, kFirst,
                  "overlap"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace lintel::passthrough::user
