// SPDX-License-Identifier: Apache-2.0
#include "passthrough/map_errors.h"

#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lintel::passthrough {
namespace {

using testing::HasSubstr;

GuestRange range(uint64_t first, uint64_t last) {
  return {GuestAddress(first), last - first + 1};
}

DmaGeometry two_ranges() {
  DmaGeometry geometry;
  geometry.usable = {range(0, 0x7ffffff), range(0x8100000, 0x7fffffffff)};
  geometry.page_sizes = 0x40201000;
  return geometry;
}

std::string text(const std::optional<Error>& error) {
  return error ? error->describe() : "";
}

TEST(GeometryProblem, Ranges_that_fit_have_none) {
  EXPECT_EQ(text(geometry_problem(range(0, 0x7ffffff), two_ranges())), "");
  EXPECT_EQ(text(geometry_problem(range(0x8100000, 0x8100fff), two_ranges())), "");
}

TEST(GeometryProblem, The_hole_is_named_from_either_side_and_around) {
  const std::string hole = "reaches into [0x8000000, 0x80fffff]";
  EXPECT_THAT(text(geometry_problem(range(0x7fff000, 0x8000fff), two_ranges())), HasSubstr(hole));
  EXPECT_THAT(text(geometry_problem(range(0x8001000, 0x8001fff), two_ranges())), HasSubstr(hole));
  EXPECT_THAT(text(geometry_problem(range(0x80ff000, 0x8100fff), two_ranges())), HasSubstr(hole));
  EXPECT_THAT(text(geometry_problem(range(0, 0x3fffffff), two_ranges())), HasSubstr(hole));
}

TEST(GeometryProblem, Behind_the_last_range_is_a_hole_too) {
  EXPECT_THAT(text(geometry_problem(range(0x7ffffff000, 0x8000000fff), two_ranges())),
              HasSubstr("reaches into [0x8000000000, "));
}

TEST(GeometryProblem, Adjacent_ranges_have_no_hole_between_them) {
  DmaGeometry geometry;
  geometry.usable = {range(0, 0xfff), range(0x1000, 0x1fff)};
  EXPECT_EQ(text(geometry_problem(range(0, 0x1fff), geometry)), "");
}

TEST(GeometryProblem, Cut_pages_are_named_with_their_size) {
  DmaGeometry geometry = two_ranges();
  geometry.page_sizes = 0x10000;
  EXPECT_THAT(text(geometry_problem(range(0x10000, 0x11fff), geometry)),
              HasSubstr("whole pages of 0x10000 bytes"));
  EXPECT_THAT(text(geometry_problem(range(0x11000, 0x20fff), geometry)),
              HasSubstr("whole pages of 0x10000 bytes"));
}

TEST(LockedMemory, Problem_says_what_is_needed_and_which_lines_raise_it) {
  EXPECT_EQ(text(locked_memory_problem(kGiB, std::nullopt)), "");
  EXPECT_EQ(text(locked_memory_problem(kGiB, kGiB)), "");
  const std::string problem = text(locked_memory_problem(kGiB, 8 * kMiB));
  EXPECT_THAT(problem, HasSubstr("lock 8 MiB of memory, but 1024 MiB of guest memory"));
  EXPECT_THAT(problem, HasSubstr("LimitMEMLOCK=1088M"));
  EXPECT_THAT(problem, HasSubstr("\"USER - memlock 1114112\" in /etc/security/limits.d/"));
}

TEST(MapFailure, Each_errno_has_its_meaning) {
  const MapAttempt attempt{.range = range(0x8000000, 0x8000fff),
                           .locked_before = 16 * kMiB,
                           .locked_memory_limit = 16 * kMiB};
  const auto explained = [&](int code) {
    return explain_map_failure(Error("X failed", code), attempt, two_ranges()).describe();
  };
  EXPECT_THAT(explained(ENOMEM), HasSubstr("lock 16 MiB of memory, but 17 MiB"));
  EXPECT_THAT(explained(ENOMEM), HasSubstr("caused by: X failed"));
  EXPECT_THAT(explained(EINVAL), HasSubstr("[0x8000000, 0x80fffff]"));
  EXPECT_THAT(explained(ENOSPC), HasSubstr("parameters/dma_entry_limit"));
  EXPECT_THAT(explained(EEXIST), HasSubstr("mapped there already"));
  EXPECT_THAT(explained(EFAULT), HasSubstr("cannot pin"));
  EXPECT_EQ(explained(EIO), "X failed\n  caused by: Input/output error (5)");
}

TEST(MapFailure, Memory_of_devices_is_not_locked) {
  const MapAttempt attempt{.range = range(0x8000000, 0x8000fff),
                           .kind = MemoryKind::kDevice,
                           .locked_before = 16 * kMiB,
                           .locked_memory_limit = 16 * kMiB};
  EXPECT_EQ(explain_map_failure(Error("X failed", ENOMEM), attempt, two_ranges()).describe(),
            "The host has no memory left to map more\n  caused by: X failed\n"
            "  caused by: Cannot allocate memory (12)");
}

// A space whose host refuses what it is told to.
class RefusingSpace final : public DmaSpace {
 public:
  const std::string& name() const override { return name_; }
  DmaGeometry geometry() override { return two_ranges(); }
  void map(const MappedMemory& memory) override {
    ram_.map(*this, memory, [&] {
      if (refuses) throw Error("X failed", ENOMEM);
    });
  }
  void unmap(GuestRange range) override { ram_.unmapped(range); }

  bool refuses = false;

 private:
  const std::string name_ = "space";
  LockedRam ram_;
};

TEST(LockedRam, Only_ram_that_is_mapped_counts) {
  RefusingSpace space;
  const GuestRange ram = range(0, 0x3fffff);
  space.map({ram, nullptr, MemoryKind::kRam});
  space.map({range(0x400000, 0x7fffff), nullptr, MemoryKind::kRam});
  space.map({range(0x10000000, 0x4fffffff), nullptr, MemoryKind::kDevice});
  space.unmap(ram);
  space.refuses = true;
  try {
    space.map({range(0x800000, 0xbfffff), nullptr, MemoryKind::kRam});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.describe(), HasSubstr("Cannot map guest memory [0x800000, 0xbfffff]"));
    EXPECT_THAT(error.describe(), HasSubstr(" 8 MiB"));
  }
}

TEST(MapFailure, Memory_that_runs_out_below_the_limit_is_the_hosts) {
  const MapAttempt attempt{
      .range = range(0, 0xfff), .locked_before = 0, .locked_memory_limit = std::nullopt};
  EXPECT_THAT(explain_map_failure(Error("X failed", ENOMEM), attempt, two_ranges()).describe(),
              HasSubstr("The host cannot lock"));
}

}  // namespace
}  // namespace lintel::passthrough
