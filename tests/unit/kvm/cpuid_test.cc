// SPDX-License-Identifier: Apache-2.0
#include "vmm/kvm/x86_64/cpuid.h"

#include <algorithm>
#include <optional>
#include <set>

#include <gtest/gtest.h>

namespace lintel::kvm {
namespace {

constexpr uint32_t kAll = 0xffffffff;

const CpuidEntry* find(const std::vector<CpuidEntry>& entries, uint32_t leaf,
                       uint32_t subleaf = 0) {
  for (const CpuidEntry& entry : entries) {
    if (entry.leaf == leaf && entry.subleaf == subleaf) return &entry;
  }
  return nullptr;
}

std::vector<CpuidEntry> host() {
  return {
      {0, 0, false, 0x1f, 1, 2, 3},
      {1, 0, false, 0x806f8, 0xaabbccdd, kAll, kAll},
      {4, 0, true, 0xfc004121, 1, 2, 3},
      {4, 3, true, 0xfc1fc163, 1, 2, 3},
      {7, 0, true, 1, kAll, kAll, kAll},
      {0xa, 0, false, 0x07300404, 0, 0, 0x603},
      {0xb, 0, true, 1, 2, 0x100, 77},
      {0xb, 1, true, 7, 64, 0x201, 77},
      {0xd, 0, true, 0x207, 832, 2688, 0},
      {0xd, 1, true, 0xf, 2000, 0x100, 0},
      {0xd, 2, true, 256, 576, 0, 0},
      {0xd, 8, true, 128, 0, 1, 0},
      {0x40000000, 0, false, 0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d},
      {0x40000001, 0, false, 0x1000af, 0, 0, 0},
      {0x80000001, 0, false, 0, 0, kAll, kAll},
      {0x80000008, 0, false, 0x3028, 0, 0x703f, 0},
      {0x8000001e, 0, false, 9, 9, 9, 9},
  };
}

CpuidRequest request_for(uint32_t cpu, Topology topology) {
  CpuidRequest request;
  request.topology = topology;
  request.apic_id = apic_id(topology, cpu);
  return request;
}

TEST(ApicId, PowersOfTwoAreDense) {
  const Topology topology{1, 4, 2};
  for (uint32_t i = 0; i < 8; ++i) EXPECT_EQ(apic_id(topology, i), i);
}

TEST(ApicId, OddCoresLeaveGapsAndStayUnique) {
  const Topology topology{2, 3, 2};
  std::set<uint32_t> ids;
  for (uint32_t i = 0; i < 12; ++i) ids.insert(apic_id(topology, i));
  EXPECT_EQ(ids.size(), 12u);
  EXPECT_EQ(apic_id(topology, 6), 8u);  // the second socket starts behind 2 + 1 bits
}

TEST(GuestCpuid, Leaf1_CarriesOwnApicIdAndHypervisorBit) {
  const auto entries = guest_cpuid(host(), request_for(5, {1, 8, 1}));
  const CpuidEntry* leaf = find(entries, 1);
  ASSERT_NE(leaf, nullptr);
  EXPECT_EQ(leaf->ebx >> 24, 5u);
  EXPECT_EQ((leaf->ebx >> 16) & 0xff, 8u);
  EXPECT_TRUE(leaf->ecx >> 31 & 1);
  EXPECT_TRUE(leaf->ecx >> 21 & 1);
}

TEST(GuestCpuid, Virtualization_HiddenUnlessNested) {
  CpuidRequest request = request_for(0, {1, 1, 1});
  auto entries = guest_cpuid(host(), request);
  EXPECT_FALSE(find(entries, 1)->ecx >> 5 & 1);
  EXPECT_FALSE(find(entries, 0x80000001)->ecx >> 2 & 1);
  request.nested = true;
  entries = guest_cpuid(host(), request);
  EXPECT_TRUE(find(entries, 1)->ecx >> 5 & 1);
  EXPECT_TRUE(find(entries, 0x80000001)->ecx >> 2 & 1);
}

TEST(GuestCpuid, TscDeadlineTimer_FollowsKvmNotTheHostCpu) {
  CpuidRequest request = request_for(0, {1, 1, 1});
  EXPECT_FALSE(find(guest_cpuid(host(), request), 1)->ecx >> 24 & 1);
  request.tsc_deadline_timer = true;
  EXPECT_TRUE(find(guest_cpuid(host(), request), 1)->ecx >> 24 & 1);
}

TEST(GuestCpuid, TopologyLeaf_IsRebuiltWhole) {
  const auto entries = guest_cpuid(host(), request_for(3, {1, 4, 2}));
  const CpuidEntry* smt = find(entries, 0xb, 0);
  const CpuidEntry* core = find(entries, 0xb, 1);
  const CpuidEntry* end = find(entries, 0xb, 2);
  ASSERT_TRUE(smt != nullptr && core != nullptr && end != nullptr);
  EXPECT_EQ(*smt, (CpuidEntry{0xb, 0, true, 1, 2, 0x100, 3}));
  EXPECT_EQ(*core, (CpuidEntry{0xb, 1, true, 3, 8, 0x201, 3}));
  EXPECT_EQ(end->ebx, 0u);
  EXPECT_EQ(std::count_if(entries.begin(), entries.end(),
                          [](const CpuidEntry& entry) { return entry.leaf == 0xb; }),
            3);
}

TEST(GuestCpuid, TopologyLeaf_IsMadeWhereTheHostHasNone) {
  auto supported = host();
  std::erase_if(supported, [](const CpuidEntry& entry) { return entry.leaf == 0xb; });
  supported[0].eax = 7;
  const auto entries = guest_cpuid(supported, request_for(1, {1, 2, 1}));
  ASSERT_NE(find(entries, 0xb, 1), nullptr);
  EXPECT_GE(find(entries, 0)->eax, 0xbu);
}

TEST(GuestCpuid, Caches_AreSharedAsTheGuestTopologySays) {
  const auto entries = guest_cpuid(host(), request_for(0, {1, 4, 2}));
  const auto sharing = [&](uint32_t index) {
    return (find(entries, 4, index)->eax >> 14 & 0xfff) + 1;
  };
  EXPECT_EQ(sharing(0), 2u);  // level 1: a core's threads
  EXPECT_EQ(sharing(3), 8u);  // level 3: the package
  EXPECT_EQ((find(entries, 4, 0)->eax >> 26) + 1, 4u);
}

TEST(GuestCpuid, XsaveLeaf_DropsComponentsWithoutDescription) {
  // The host offers PKRU (bit 9) but has no subleaf 9: the sizes then disagree.
  const auto entries = guest_cpuid(host(), request_for(0, {1, 1, 1}));
  EXPECT_EQ(find(entries, 0xd, 0)->eax, 7u);
  EXPECT_EQ(find(entries, 0xd, 0)->ecx, 832u);
  EXPECT_EQ(find(entries, 0xd, 1)->ecx, 0x100u);
  EXPECT_NE(find(entries, 0xd, 8), nullptr);
}

TEST(GuestCpuid, XsaveLeaf_WithoutXsavesHasNoSupervisorState) {
  auto supported = host();
  for (CpuidEntry& entry : supported) {
    if (entry.leaf == 0xd && entry.subleaf == 1) entry.eax = 1;
  }
  const auto entries = guest_cpuid(supported, request_for(0, {1, 1, 1}));
  EXPECT_EQ(find(entries, 0xd, 1)->ecx, 0u);
  EXPECT_EQ(find(entries, 0xd, 1)->ebx, 0u);
  EXPECT_EQ(find(entries, 0xd, 8), nullptr);
}

TEST(GuestCpuid, TimingLeaf_TellsTscAndApicFrequency) {
  CpuidRequest request = request_for(0, {1, 1, 1});
  request.tsc_khz = 2'445'000;
  const auto entries = guest_cpuid(host(), request);
  ASSERT_NE(find(entries, 0x40000010), nullptr);
  EXPECT_EQ(find(entries, 0x40000010)->eax, 2'445'000u);
  EXPECT_EQ(find(entries, 0x40000010)->ebx, 1'000'000u);
  EXPECT_EQ(find(entries, 0x40000000)->eax, 0x40000010u);
}

TEST(GuestCpuid, PerformanceCounters_AreHidden) {
  EXPECT_EQ(find(guest_cpuid(host(), request_for(0, {1, 1, 1})), 0xa)->eax, 0u);
}

TEST(GuestCpuid, BaselineModel_HasNoAvx512AndOnlyAvxState) {
  CpuidRequest request = request_for(0, {1, 1, 1});
  request.model = CpuModel::kBaseline;
  const auto entries = guest_cpuid(host(), request);
  EXPECT_FALSE(find(entries, 7)->ebx >> 16 & 1);
  EXPECT_TRUE(find(entries, 7)->ebx >> 5 & 1);  // AVX2 stays
  EXPECT_EQ(find(entries, 0xd, 1)->eax & 8, 0u);
}

TEST(GuestCpuid, ExtendedTopology_CountsTheGuestsThreads) {
  const auto entries = guest_cpuid(host(), request_for(3, {1, 4, 2}));
  EXPECT_EQ(find(entries, 0x80000008)->ecx & 0xff, 7u);
  EXPECT_EQ(find(entries, 0x80000008)->ecx >> 12 & 0xf, 3u);
  EXPECT_EQ(find(entries, 0x8000001e)->eax, 3u);
  EXPECT_EQ(find(entries, 0x8000001e)->ebx, 1u | 1u << 8);
}

TEST(PhysicalAddressBits, ComeFromTheExtendedLeaf) {
  EXPECT_EQ(physical_address_bits(host()), 0x28u);
  EXPECT_EQ(physical_address_bits({}), 36u);
}

}  // namespace
}  // namespace lintel::kvm
