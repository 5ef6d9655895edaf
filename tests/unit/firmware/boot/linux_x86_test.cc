// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/linux_x86.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>

#include <gtest/gtest.h>

#include "tests/unit/firmware/boot/kernel_builder.h"
#include "vmm/base/error.h"
#include "vmm/boards/pc/layout.h"
#include "vmm/boards/pc/tables.h"

namespace lintel::boot {
namespace {

constexpr uint64_t kZeroPage = pc::kBootParams.value;

std::string string_at(const GuestMemory& memory, uint64_t address, size_t size) {
  std::string text(size, '?');
  EXPECT_TRUE(memory.read(GuestAddress(address), std::as_writable_bytes(std::span(text))));
  return text;
}

template <typename Body>
std::string error_of(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.describe();
  }
  return "";
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

class LinuxX86Test : public testing::Test {
 protected:
  LinuxBootRequest request(TestBzImage image = {}) {
    if (image.payload.empty()) {
      image.payload = compress(build_unpacked_kernel(), Compression::kZstd);
    }
    auto made = make_request(folder_.file("vmlinuz", build_bzimage(image)));
    made.fast = FastBoot::kOff;
    made.cache_directory = folder_.path() + "/cache";
    return made;
  }

  X86EntryState boot(const LinuxBootRequest& request) {
    LinuxX86Loader loader(request);
    const X86EntryState state = loader.load(memory_, RamState::kZeroed);
    report_ = loader.report();
    return state;
  }

  template <typename T>
  T zero_page(uint64_t offset) {
    return get_value<T>(memory_, kZeroPage + offset);
  }

  TemporaryFolder folder_;
  GuestMemory memory_ = make_memory(64 * kMiB);
  BootReport report_;
};

TEST_F(LinuxX86Test, packed_kernel_is_entered_by_the_64_bit_protocol) {
  const X86EntryState state = boot(request());
  EXPECT_EQ(report_.path, BootPath::kSelfUnpacking);
  EXPECT_EQ(state.mode, X86EntryMode::kLong);
  EXPECT_EQ(state.rip, 16 * kMiB + 0x200);
  EXPECT_EQ(state.rsi, kZeroPage);
  EXPECT_EQ(state.cr3, pc::kBootPageTables.value);
  // The protected-mode kernel's byte 0x280 is the payload's first.
  EXPECT_EQ(get_value<uint32_t>(memory_, 16 * kMiB + 0x280), 0xfd2fb528);
}

TEST_F(LinuxX86Test, zero_page_says_what_the_protocol_asks_for) {
  boot(request());
  EXPECT_EQ(zero_page<uint32_t>(0x202), 0x53726448u);
  EXPECT_EQ(zero_page<uint8_t>(0x210), 0xff);
  EXPECT_EQ(zero_page<uint8_t>(0x211), 1);
  EXPECT_EQ(zero_page<uint64_t>(0x070), pc::kAcpiTables.base.value);
  EXPECT_EQ(zero_page<uint32_t>(0x228), pc::kBootCommandLine.base.value);
  EXPECT_EQ(zero_page<uint32_t>(0x218), 0u);
  EXPECT_EQ(zero_page<uint8_t>(0x1ef), 0);  // the sentinel
  EXPECT_EQ(string_at(memory_, pc::kBootCommandLine.base.value, 13),
            std::string("console=hvc0\0", 13));
}

TEST_F(LinuxX86Test, memory_map_is_in_the_zero_page) {
  boot(request());
  ASSERT_EQ(zero_page<uint8_t>(0x1e8), 3);
  EXPECT_EQ(zero_page<uint64_t>(0x2d0), 0u);
  EXPECT_EQ(zero_page<uint64_t>(0x2d8), 0x9fc00u);
  EXPECT_EQ(zero_page<uint32_t>(0x2e0), 1u);
  EXPECT_EQ(zero_page<uint64_t>(0x2e4), 0x9fc00u);
  EXPECT_EQ(zero_page<uint32_t>(0x2f4), 2u);
  EXPECT_EQ(zero_page<uint64_t>(0x2f8), kMiB);
  EXPECT_EQ(zero_page<uint64_t>(0x300), 63 * kMiB);
}

// AMD's HyperTransport range, 12 GiB below 1 TiB. Less before it than a guest would have there.
TEST_F(LinuxX86Test, memory_map_goes_around_holes_of_the_iommu) {
  constexpr GuestRange kHole{GuestAddress(0xfd'0000'0000), 12 * kGiB};
  constexpr std::array kUsable{GuestRange{GuestAddress(0), 64 * kMiB},
                               GuestRange{GuestAddress(kHole.base.value - 64 * kMiB), 64 * kMiB},
                               GuestRange{GuestAddress(kHole.end()), 1024 * kGiB}};
  memory_ = GuestMemory(pc::ram_ranges(192 * kMiB, kUsable), {.huge_pages = HugePages::kOff});
  boot(request());
  struct Entry {
    uint64_t base;
    uint64_t size;
    uint32_t type;
    bool operator==(const Entry&) const = default;
  };
  std::vector<Entry> entries;
  for (uint64_t i = 0; i < zero_page<uint8_t>(0x1e8); ++i) {
    const uint64_t at = 0x2d0 + 20 * i;
    entries.push_back(
        {zero_page<uint64_t>(at), zero_page<uint64_t>(at + 8), zero_page<uint32_t>(at + 16)});
  }
  EXPECT_EQ(entries, (std::vector<Entry>{{0, 0x9fc00, 1},
                                         {0x9fc00, 0x60400, 2},
                                         {kMiB, 63 * kMiB, 1},
                                         {0xfc'fc00'0000, 64 * kMiB, 1},
                                         {0x100'0000'0000, 64 * kMiB, 1}}));
}

TEST_F(LinuxX86Test, seed_is_passed_as_setup_data) {
  boot(request());
  const auto at = zero_page<uint64_t>(0x250);
  ASSERT_TRUE(pc::kBootCommandLine.contains(GuestAddress(at), 48));
  EXPECT_EQ(at % 8, 0u);
  EXPECT_EQ(get_value<uint64_t>(memory_, at), 0u);
  EXPECT_EQ(get_value<uint32_t>(memory_, at + 8), 9u);
  EXPECT_EQ(get_value<uint32_t>(memory_, at + 12), 32u);
  EXPECT_EQ(get_value<uint32_t>(memory_, at + 16), 0x04030201u);
}

TEST_F(LinuxX86Test, initrds_are_joined_at_the_top_of_memory) {
  auto two = request();
  two.initrd_paths = {folder_.file("a", to_bytes("first")), folder_.file("b", to_bytes("second"))};
  boot(two);
  EXPECT_EQ(report_.initrd.base.value, 64 * kMiB - 0x1000);
  EXPECT_EQ(report_.initrd.size, 14u);
  EXPECT_EQ(zero_page<uint32_t>(0x218), report_.initrd.base.value);
  EXPECT_EQ(zero_page<uint32_t>(0x21c), 14u);
  EXPECT_EQ(string_at(memory_, report_.initrd.base.value, 14),
            std::string("first\0\0\0second", 14));
}

TEST_F(LinuxX86Test, initrd_stays_below_the_kernels_limit) {
  auto limited = request({.initrd_address_max = 0x2ffffff, .xloadflags = 1});
  limited.initrd_paths = {folder_.file("a", Bytes(0x1801))};
  boot(limited);
  EXPECT_EQ(report_.initrd.base.value, 0x2ffe000u);
}

TEST_F(LinuxX86Test, initrd_goes_above_4_gib_only_if_it_must_and_may) {
  auto large = request();
  large.initrd_paths = {folder_.file("a", Bytes(48 * kMiB))};
  EXPECT_TRUE(contains(error_of([&] { boot(large); }), "initrd of 0x3000000 bytes does not fit"));
  memory_ = make_memory(64 * kMiB, 64 * kMiB);
  boot(large);
  EXPECT_EQ(report_.initrd.base.value, 4 * kGiB + 16 * kMiB);
  EXPECT_EQ(zero_page<uint32_t>(0x218), 0x1000000u);
  EXPECT_EQ(zero_page<uint32_t>(0x0c0), 1u);
  EXPECT_EQ(zero_page<uint32_t>(0x0c4), 0u);

  auto old_kernel = request({.xloadflags = 1});
  old_kernel.initrd_paths = large.initrd_paths;
  EXPECT_THROW(boot(old_kernel), Error);
}

TEST_F(LinuxX86Test, command_line_has_the_kernels_limit) {
  auto long_line = request({.command_line_size = 100});
  long_line.command_line = std::string(100, 'x');
  boot(long_line);
  long_line.command_line += 'x';
  const std::string error = error_of([&] { boot(long_line); });
  EXPECT_TRUE(contains(error, "has 101 characters; the kernel takes 100")) << error;
  EXPECT_TRUE(contains(error, "help: shorten boot.cmdline")) << error;

  auto huge = request({.command_line_size = UINT32_MAX});
  huge.command_line = std::string(64 * kKiB - 1, 'x');
  boot(huge);
  EXPECT_EQ(zero_page<uint64_t>(0x250), 0u);  // no room for the seed
  huge.command_line += 'x';
  EXPECT_THROW(boot(huge), Error);
}

TEST_F(LinuxX86Test, command_line_with_a_zero_is_refused) {
  auto bad = request();
  bad.command_line = std::string("a\0b", 3);
  EXPECT_THROW(boot(bad), Error);
}

TEST_F(LinuxX86Test, too_little_memory_names_numbers_and_remedy) {
  memory_ = make_memory(18 * kMiB);
  const std::string error = error_of([&] { boot(request()); });
  EXPECT_TRUE(contains(error, "init_size")) << error;
  EXPECT_TRUE(contains(error, "0x400000 bytes of RAM at 0x1000000")) << error;
  EXPECT_TRUE(contains(error, "ends at 0x1200000")) << error;
  EXPECT_TRUE(contains(error, "help: set memory.size to at least \"20 MiB\"")) << error;
}

TEST_F(LinuxX86Test, fixed_kernel_is_loaded_where_it_says) {
  const X86EntryState state = boot(request({.relocatable = false}));
  EXPECT_EQ(state.rip, kMiB + 0x200);
}

TEST_F(LinuxX86Test, direct_entry_moves_the_kernel) {
  auto fast = request();
  fast.fast = FastBoot::kAuto;
  fast.random = [](std::span<std::byte> to) {
    std::fill(to.begin(), to.end(), std::byte{0});
    to[0] = std::byte{5};
  };
  const X86EntryState state = boot(fast);
  EXPECT_EQ(report_.path, BootPath::kDirect);
  EXPECT_EQ(report_.not_direct, "");
  EXPECT_TRUE(report_.randomized);
  EXPECT_EQ(report_.virtual_offset, 10 * kMiB);
  EXPECT_EQ(state.rip, kTestKernelEntry);
  EXPECT_EQ(zero_page<uint8_t>(0x211), 3);  // KASLR_FLAG
  EXPECT_EQ(get_value<uint64_t>(memory_, kTestKernelBase + kWord64), 0xffffffff81a00040);
  EXPECT_EQ(get_value<uint8_t>(memory_, kTestKernelEntry), 0xf4);
}

TEST_F(LinuxX86Test, nokaslr_leaves_the_kernel_where_it_is) {
  auto fast = request();
  fast.fast = FastBoot::kAuto;
  fast.command_line = "quiet nokaslr";
  boot(fast);
  EXPECT_EQ(report_.path, BootPath::kDirect);
  EXPECT_FALSE(report_.randomized);
  EXPECT_EQ(zero_page<uint8_t>(0x211), 1);
  EXPECT_EQ(get_value<uint64_t>(memory_, kTestKernelBase + kWord64), 0xffffffff81000040);
}

TEST_F(LinuxX86Test, kernel_that_is_not_understood_unpacks_itself) {
  auto fast = request({.payload = to_bytes("\x89LZO and so on, and so on, and so on")});
  fast.fast = FastBoot::kAuto;
  const X86EntryState state = boot(fast);
  EXPECT_EQ(report_.path, BootPath::kSelfUnpacking);
  EXPECT_TRUE(contains(report_.not_direct, "compression"));
  EXPECT_EQ(state.rip, 16 * kMiB + 0x200);
}

TEST_F(LinuxX86Test, image_that_turns_out_damaged_is_forgotten) {
  auto fast = request();
  fast.fast = FastBoot::kAuto;
  boot(fast);
  for (const auto& entry : std::filesystem::directory_iterator(fast.cache_directory)) {
    if (!entry.is_regular_file()) continue;
    Bytes bytes = to_bytes(read_whole_file(entry.path()));
    std::fill(bytes.begin() + 128, bytes.begin() + 140, std::byte{0xff});  // the relocations
    folder_.file("cache/" + entry.path().filename().string(), bytes);
  }
  boot(fast);
  EXPECT_EQ(report_.path, BootPath::kSelfUnpacking);
  EXPECT_TRUE(contains(report_.not_direct, "relocation"));
  boot(fast);
  EXPECT_EQ(report_.path, BootPath::kDirect);
}

TEST_F(LinuxX86Test, second_load_needs_no_files) {
  auto fast = request();
  fast.fast = FastBoot::kAuto;
  fast.initrd_paths = {folder_.file("a", to_bytes("initrd"))};
  LinuxX86Loader loader(fast);
  loader.load(memory_, RamState::kZeroed);
  std::filesystem::remove_all(folder_.path());
  const auto ram = memory_.slice(GuestAddress(0), 64 * kMiB);
  std::memset(ram.data(), 0xee, ram.size());
  const X86EntryState state = loader.load(memory_, RamState::kUsed);
  EXPECT_EQ(state.rip, kTestKernelEntry);
  EXPECT_EQ(get_value<uint8_t>(memory_, kTestKernelEntry), 0xf4);
  EXPECT_EQ(get_value<uint8_t>(memory_, kTestKernelBase + kMiB), 0);
  EXPECT_EQ(string_at(memory_, loader.report().initrd.base.value, 6), "initrd");
}

class PvhTest : public LinuxX86Test {
 protected:
  LinuxBootRequest pvh_request(uint64_t physical = 2 * kMiB) {
    Bytes description;
    append_value<uint32_t>(description, 0x200010);
    const TestSegment note{.physical = 0,
                           .content = build_note(std::string_view("Xen\0", 4), 18, description),
                           .type = PT_NOTE};
    const TestSegment text{
        .physical = physical, .content = Bytes(0x1800, std::byte{0x90}), .memory_size = 0x3000};
    return make_request(
        folder_.file("vmlinux", build_elf({.entry = 0x200000, .segments = {text, note}})));
  }
};

TEST_F(PvhTest, elf_kernel_is_entered_in_protected_mode) {
  const X86EntryState state = boot(pvh_request());
  EXPECT_EQ(report_.path, BootPath::kPvh);
  EXPECT_EQ(state.mode, X86EntryMode::kProtected32);
  EXPECT_EQ(state.rip, 0x200010u);
  EXPECT_EQ(state.rbx, kZeroPage);
  EXPECT_EQ(get_value<uint8_t>(memory_, 0x2017ff), 0x90);
}

TEST_F(PvhTest, start_information_follows_version_1) {
  auto with_initrd = pvh_request();
  with_initrd.initrd_paths = {folder_.file("a", to_bytes("initrd"))};
  boot(with_initrd);
  EXPECT_EQ(zero_page<uint32_t>(0), 0x336ec578u);
  EXPECT_EQ(zero_page<uint32_t>(4), 1u);
  ASSERT_EQ(zero_page<uint32_t>(12), 1u);
  const auto module = zero_page<uint64_t>(16);
  EXPECT_EQ(get_value<uint64_t>(memory_, module), report_.initrd.base.value);
  EXPECT_EQ(get_value<uint64_t>(memory_, module + 8), 6u);
  EXPECT_EQ(string_at(memory_, zero_page<uint64_t>(24), 12), "console=hvc0");
  EXPECT_EQ(zero_page<uint64_t>(32), pc::kAcpiTables.base.value);
  ASSERT_EQ(zero_page<uint32_t>(48), 3u);
  const auto map = zero_page<uint64_t>(40);
  EXPECT_EQ(get_value<uint64_t>(memory_, map + 24), 0x9fc00u);
  EXPECT_EQ(get_value<uint32_t>(memory_, map + 40), 2u);
}

TEST_F(PvhTest, memory_behind_a_segments_bytes_is_cleared) {
  const auto ram = memory_.slice(GuestAddress(0), 64 * kMiB);
  std::memset(ram.data(), 0xee, ram.size());
  LinuxX86Loader loader(pvh_request());
  loader.load(memory_, RamState::kUsed);
  EXPECT_EQ(get_value<uint8_t>(memory_, 0x201800), 0);
  EXPECT_EQ(get_value<uint8_t>(memory_, 0x202fff), 0);
  EXPECT_EQ(get_value<uint8_t>(memory_, 0x203000), 0xee);
}

TEST_F(PvhTest, segment_outside_ram_is_refused) {
  EXPECT_TRUE(contains(error_of([&] { boot(pvh_request(64 * kMiB - 0x1000)); }), "memory.size"));
  EXPECT_THROW(boot(pvh_request(0x9f000)), Error);
  EXPECT_THROW(boot(pvh_request(0xfffffffffff00000)), Error);
}

TEST_F(PvhTest, elf_without_the_note_is_refused) {
  const TestSegment text{.physical = kMiB, .content = Bytes(16)};
  const auto path = folder_.file("vmlinux", build_elf({.segments = {text}}));
  EXPECT_TRUE(contains(error_of([&] { boot(make_request(path)); }), "CONFIG_PVH=y"));
}

TEST_F(LinuxX86Test, other_files_are_refused_by_name) {
  const auto text = folder_.file("notes.txt", to_bytes("hello"));
  const std::string error = error_of([&] { boot(make_request(text)); });
  EXPECT_TRUE(contains(error, "Cannot boot kernel " + text)) << error;
  EXPECT_TRUE(contains(error, "begins with 68 65 6c 6c")) << error;
  EXPECT_THROW(boot(make_request(folder_.file("empty", {}))), Error);
  EXPECT_THROW(boot(make_request(folder_.path())), Error);
  EXPECT_TRUE(contains(error_of([&] { boot(make_request("/no/such")); }), "/no/such"));
  auto missing = request();
  missing.initrd_paths = {"/no/such/initrd"};
  EXPECT_TRUE(contains(error_of([&] { boot(missing); }), "/no/such/initrd"));
}

}  // namespace
}  // namespace lintel::boot
