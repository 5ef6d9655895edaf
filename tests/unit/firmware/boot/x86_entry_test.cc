// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/x86_entry.h"

#include <gtest/gtest.h>

#include "firmware/boot/flat.h"
#include "tests/unit/firmware/boot/kernel_builder.h"
#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

// Walks the tables as the processor does with 2 MiB pages (Intel SDM volume 3, 4.5.4).
uint64_t translate(const GuestMemory& memory, uint64_t cr3, uint64_t address) {
  constexpr uint64_t kFrame = 0x000ffffffffff000;
  const auto pml4 = get_value<uint64_t>(memory, cr3 + (address >> 39 & 511) * 8);
  EXPECT_EQ(pml4 & 3, 3u);
  const auto pdpt = get_value<uint64_t>(memory, (pml4 & kFrame) + (address >> 30 & 511) * 8);
  EXPECT_EQ(pdpt & 0x83, 0x03u);
  const auto pd = get_value<uint64_t>(memory, (pdpt & kFrame) + (address >> 21 & 511) * 8);
  EXPECT_EQ(pd & 0x83, 0x83u);
  return (pd & kFrame) | (address & (2 * kMiB - 1));
}

TEST(PrepareEntry, long_mode_maps_the_first_4_gib_one_to_one) {
  const GuestMemory memory = make_memory(kMiB);
  const auto state = prepare_entry(memory, make_request("").placement, X86EntryMode::kLong);
  for (const uint64_t address :
       {uint64_t{0}, 0x12345678 + 0 * kGiB, kGiB - 1, kGiB, 3 * kGiB + 7, 4 * kGiB - 1}) {
    EXPECT_EQ(translate(memory, state.cr3, address), address);
  }
  const auto pdpt_at = get_value<uint64_t>(memory, state.cr3) & ~uint64_t{0xfff};
  EXPECT_EQ(get_value<uint64_t>(memory, pdpt_at + 4 * 8), 0u);
}

TEST(PrepareEntry, gdt_has_the_segments_of_the_state) {
  const GuestMemory memory = make_memory(kMiB);
  const auto placement = make_request("").placement;
  const auto long_mode = prepare_entry(memory, placement, X86EntryMode::kLong);
  EXPECT_EQ(long_mode.gdt_limit, 47);
  EXPECT_EQ(long_mode.code.selector, 0x10);
  EXPECT_EQ(long_mode.data.selector, 0x18);
  EXPECT_EQ(get_value<uint64_t>(memory, long_mode.gdt_base + 0x10), 0x00af9b000000ffffu);
  EXPECT_EQ(get_value<uint64_t>(memory, long_mode.gdt_base + 0x18), 0x00cf93000000ffffu);
  EXPECT_EQ(get_value<uint64_t>(memory, long_mode.gdt_base + 0x20), 0x00008b0000000067u);

  const auto protected_mode = prepare_entry(memory, placement, X86EntryMode::kProtected32);
  EXPECT_EQ(get_value<uint64_t>(memory, protected_mode.gdt_base + 0x10), 0x00cf9b000000ffffu);
  EXPECT_EQ(protected_mode.cr3, 0u);
}

TEST(PrepareEntry, places_outside_ram_are_refused) {
  const GuestMemory memory = make_memory(kMiB);
  auto placement = make_request("").placement;
  placement.page_tables = GuestAddress(kMiB - 0x1000);
  EXPECT_THROW(prepare_entry(memory, placement, X86EntryMode::kLong), Error);
  placement.gdt = GuestAddress(2 * kMiB);
  EXPECT_THROW(prepare_entry(memory, placement, X86EntryMode::kProtected32), Error);
}

TEST(LoadFlat, enters_the_first_byte) {
  const TemporaryFolder folder;
  const GuestMemory memory = make_memory(2 * kMiB);
  const auto path = folder.file("guest", to_bytes("\xf4\xeb\xfd"));
  const auto state = load_flat(memory, make_request("").placement, path, GuestAddress(kMiB));
  EXPECT_EQ(state.rip, kMiB);
  EXPECT_EQ(state.mode, X86EntryMode::kLong);
  EXPECT_EQ(get_value<uint8_t>(memory, kMiB + 1), 0xeb);
}

TEST(LoadFlat, file_that_does_not_fit_is_refused) {
  const TemporaryFolder folder;
  const GuestMemory memory = make_memory(kMiB + 0x1000);
  const auto placement = make_request("").placement;
  const auto large = folder.file("large", Bytes(0x1001));
  EXPECT_THROW(load_flat(memory, placement, large, GuestAddress(kMiB)), Error);
  EXPECT_THROW(load_flat(memory, placement, folder.file("empty", {}), GuestAddress(kMiB)), Error);
  EXPECT_THROW(load_flat(memory, placement, folder.path(), GuestAddress(kMiB)), Error);
}

}  // namespace
}  // namespace lintel::boot
