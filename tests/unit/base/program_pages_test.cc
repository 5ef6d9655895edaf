// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/program_pages.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace lintel {
namespace {

// KiB of the mapping with `address` that are resident; Linux, Documentation/filesystems/proc.rst.
size_t resident(const void* address) {
  std::ifstream smaps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(smaps, line);) {
    uintptr_t begin = 0, end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2) {
      inside = begin <= reinterpret_cast<uintptr_t>(address) &&
               reinterpret_cast<uintptr_t>(address) < end;
    }
    if (inside && line.starts_with("Rss:")) return std::stoul(line.substr(4));
  }
  return 0;
}

// More than a fault brings back at once (64 KiB).
alignas(4096) constexpr char kConstants[1 << 20] = {1};

TEST(ProgramPagesTest, What_is_not_in_use_is_given_back) {
  const volatile char* bytes = kConstants;
  int sum = 0;
  for (size_t i = 0; i < sizeof kConstants; i += 4096) sum += bytes[i];
  const size_t before = resident(kConstants);
  ASSERT_GE(before, sizeof kConstants / 1024);
  release_program_pages();
  EXPECT_LT(resident(kConstants), before / 2);
  for (size_t i = 0; i < sizeof kConstants; i += 4096) sum -= bytes[i];
  EXPECT_EQ(sum, 0);
}

TEST(ProgramPagesTest, What_was_written_stays) {
  static char written[4096 * 4];
  for (char& byte : written) byte = 7;
  release_program_pages();
  for (const char byte : written) ASSERT_EQ(byte, 7);
}

}  // namespace
}  // namespace lintel
