// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/linux_arm64.h"

#include <gtest/gtest.h>

#include "tests/unit/firmware/boot/kernel_builder.h"
#include "vmm/base/endian.h"
#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

constexpr uint64_t kRamBase = kGiB;

struct TestImage {
  uint64_t text_offset = 0;
  uint64_t image_size = 3 * kMiB;
  uint64_t flags = 0xa;  // 4 KiB pages, anywhere
};

Bytes build_image(const TestImage& what = {}) {
  Bytes bytes(100'000);
  for (size_t i = 64; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i / 100);
  set_value<uint16_t>(bytes, 0, 0x5a4d);  // the EFI stub's "MZ" is the first instruction
  set_value<uint64_t>(bytes, 8, what.text_offset);
  set_value<uint64_t>(bytes, 16, what.image_size);
  set_value<uint64_t>(bytes, 24, what.flags);
  set_value<uint32_t>(bytes, 56, 0x644d5241);
  return bytes;
}

Bytes build_zboot(std::span<const std::byte> image, Compression compression) {
  constexpr uint32_t kOffset = 0x1000;
  const Bytes packed = compress(image, compression);
  Bytes bytes(kOffset);
  set_value<uint16_t>(bytes, 0, 0x5a4d);
  set_value<uint32_t>(bytes, 4, 0x676d697a);
  set_value<uint32_t>(bytes, 8, kOffset);
  // The size behind the payload is not part of it, but gzip's is.
  const size_t size = packed.size() - (compression == Compression::kGzip ? 0 : 4);
  set_value<uint32_t>(bytes, 12, static_cast<uint32_t>(size));
  const Bytes name = to_bytes(boot::name(compression));
  std::copy(name.begin(), name.end(), bytes.begin() + 24);
  append(bytes, packed);
  append(bytes, Bytes(500));  // the rest of the EFI application
  return bytes;
}

Arm64Image parse(const TestImage& what) {
  return parse_arm64_image(SpanSource(build_image(what)));
}

std::string refusal(std::span<const std::byte> file) {
  try {
    parse_arm64_kernel(SpanSource(file));
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Arm64Image, HeaderIsRead) {
  const Arm64Image image = parse({.text_offset = 0x80000, .image_size = 4 * kMiB, .flags = 2});
  EXPECT_EQ(image.text_offset, 0x80000u);
  EXPECT_EQ(image.memory_size, 4 * kMiB);
  EXPECT_FALSE(image.anywhere);
  EXPECT_TRUE(parse({}).anywhere);
}

TEST(Arm64Image, NoSize_IsAKernelBefore317) {
  const Arm64Image image = parse({.text_offset = 0x123, .image_size = 0, .flags = 0});
  EXPECT_EQ(image.text_offset, 0x80000u);
  EXPECT_GT(image.memory_size, 100'000u);
}

TEST(Arm64Image, BadFields_AreRefused) {
  EXPECT_THROW(parse({.flags = 1}), Error);
  EXPECT_THROW(parse({.text_offset = 2 * kMiB}), Error);
  EXPECT_THROW(parse({.text_offset = 0x80001}), Error);
  EXPECT_THROW(parse({.image_size = 99'999}), Error);
  EXPECT_THROW(parse({.image_size = UINT64_MAX}), Error);
  EXPECT_THROW(parse_arm64_image(SpanSource(Bytes(10))), Error);
}

TEST(Arm64Kernel, OtherFiles_AreRefusedByName) {
  Bytes file(0x300);
  EXPECT_NE(refusal(file).find("begins with 00 00 00 00"), std::string::npos);
  EXPECT_NE(refusal({}).find("not an arm64 kernel"), std::string::npos);
  set_value<uint16_t>(file, 0, 0x5a4d);
  EXPECT_NE(refusal(file).find("EFI application"), std::string::npos);
  set_value<uint32_t>(file, 0x202, 0x53726448);
  EXPECT_NE(refusal(file).find("x86"), std::string::npos);
  set_value<uint32_t>(file, 0x24, 0x016f2818);
  EXPECT_NE(refusal(file).find("32-bit Arm"), std::string::npos);
  EXPECT_NE(refusal(to_bytes("\x7f"
                             "ELF"))
                .find("ELF"),
            std::string::npos);
}

TEST(Arm64Kernel, ZbootThatContradictsItself_IsRefused) {
  const Bytes good = build_zboot(build_image(), Compression::kZstd);
  EXPECT_NO_THROW(parse_arm64_kernel(SpanSource(good)));
  Bytes bad = good;
  set_value<uint32_t>(bad, 8, 0xffffff00);
  EXPECT_THROW(parse_arm64_kernel(SpanSource(bad)), Error);
  bad = good;
  set_value<uint32_t>(bad, 12, UINT32_MAX);
  EXPECT_THROW(parse_arm64_kernel(SpanSource(bad)), Error);
  bad = good;
  set_value<uint32_t>(bad, 0x1000, 0);  // the payload's magic
  EXPECT_NE(refusal(bad).find("packed by 'zstd'"), std::string::npos);
  bad = good;
  bad.resize(bad.size() - 502);  // into the size behind the payload
  EXPECT_THROW(parse_arm64_kernel(SpanSource(bad)), Error);
}

// One range of RAM.
std::vector<MemoryMapEntry> ram(uint64_t size, uint64_t base = kRamBase) {
  return {{{GuestAddress(base), size}, MemoryType::kRam}};
}

constexpr Arm64Image kImage{.text_offset = 0, .memory_size = 30 * kMiB, .anywhere = true};

TEST(Arm64Plan, KernelIsLowest_InitrdHighest) {
  const Arm64Plan plan = plan_arm64(ram(4 * kGiB), kImage, 5 * kMiB + 1);
  EXPECT_EQ(plan.kernel, (GuestRange{GuestAddress(kRamBase), 30 * kMiB}));
  EXPECT_EQ(plan.initrd.size, 5 * kMiB + 1);
  EXPECT_GT(plan.initrd.base.value, kRamBase + 4 * kGiB - 6 * kMiB);
  EXPECT_EQ(plan.initrd.base.value % (64 * kKiB), 0u);
  EXPECT_EQ(plan.device_tree, (GuestRange{GuestAddress(kRamBase + 510 * kMiB), 2 * kMiB}));
}

TEST(Arm64Plan, TextOffset_CountsFromA2MiBBoundary) {
  const Arm64Image old{.text_offset = 0x80000, .memory_size = 30 * kMiB};
  EXPECT_EQ(plan_arm64(ram(kGiB, kRamBase + 4 * kKiB), old, 0).kernel.base,
            GuestAddress(kRamBase + 2 * kMiB + 0x80000));
}

TEST(Arm64Plan, Initrd_StaysIn32GiBOfTheKernel) {
  const Arm64Plan plan = plan_arm64(ram(100 * kGiB), kImage, kMiB);
  EXPECT_LE(plan.initrd.end(), kRamBase + 32 * kGiB);
  EXPECT_GT(plan.initrd.base.value, kRamBase + 31 * kGiB);
}

TEST(Arm64Plan, LittleRam_HoldsThemWithoutOverlap) {
  const Arm64Plan plan = plan_arm64(ram(64 * kMiB), kImage, 32 * kMiB);
  EXPECT_FALSE(plan.kernel.overlaps(plan.initrd));
  EXPECT_FALSE(plan.kernel.overlaps(plan.device_tree));
  EXPECT_FALSE(plan.initrd.overlaps(plan.device_tree));
}

TEST(Arm64Plan, WhatDoesNotFit_IsNamed) {
  const auto message = [](uint64_t ram_size, uint64_t initrd) -> std::string {
    try {
      plan_arm64(ram(ram_size), kImage, initrd);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_NE(message(29 * kMiB, 0).find("The kernel"), std::string::npos);
  EXPECT_NE(message(30 * kMiB, 0).find("The device tree"), std::string::npos);
  EXPECT_EQ(message(32 * kMiB, 0), "no error");
  EXPECT_NE(message(64 * kMiB, 32 * kMiB + 1).find("The initrd"), std::string::npos);
  EXPECT_NE(message(64 * kMiB, UINT64_MAX).find("The initrd"), std::string::npos);
}

TEST(Arm64Plan, ReservedMemory_IsLeftAlone) {
  std::vector<MemoryMapEntry> map = {
      {{GuestAddress(kRamBase), 16 * kMiB}, MemoryType::kRam},
      {{GuestAddress(kRamBase + 16 * kMiB), kMiB}, MemoryType::kReserved},
      {{GuestAddress(kRamBase + 17 * kMiB), kGiB}, MemoryType::kRam}};
  EXPECT_EQ(plan_arm64(map, kImage, 0).kernel.base, GuestAddress(kRamBase + 18 * kMiB));
}

GuestMemory arm_memory(uint64_t size) {
  const GuestRange range{GuestAddress(kRamBase), size};
  return GuestMemory(std::span(&range, 1), {.huge_pages = HugePages::kOff});
}

bool holds(const GuestMemory& memory, uint64_t address, std::span<const std::byte> content) {
  const auto there = memory.slice(GuestAddress(address), content.size());
  return std::equal(content.begin(), content.end(), there.begin(), there.end());
}

void expect_loads(const Bytes& file, const Bytes& image) {
  const TemporaryFolder folder;
  const Bytes initrd = to_bytes("an initial RAM disk");
  LinuxArm64Loader loader({.kernel_path = folder.file("kernel", file),
                           .initrd_paths = {folder.file("initrd", initrd)},
                           .reserved = {}});
  // Twice: a reset starts the guest again.
  for (int run = 0; run < 2; ++run) {
    const GuestMemory memory = arm_memory(16 * kMiB);
    loader.load(memory);
    const GuestRange told = loader.plan().initrd;
    const auto state = loader.finish(memory, to_bytes("tree"));
    EXPECT_EQ(state.pc, loader.plan().kernel.base.value);
    EXPECT_TRUE(holds(memory, state.pc, image));
    EXPECT_TRUE(holds(memory, state.x0, to_bytes("tree")));
    EXPECT_EQ(told.size, initrd.size());
    EXPECT_TRUE(holds(memory, told.base.value, initrd));
  }
}

TEST(LinuxArm64, PlainImage_IsLoaded) {
  const Bytes image = build_image();
  expect_loads(image, image);
}

TEST(LinuxArm64, GzipImage_IsUnpacked) {
  const Bytes image = build_image();
  expect_loads(compress(image, Compression::kGzip), image);
}

TEST(LinuxArm64, ZbootContainers_AreUnpacked) {
  const Bytes image = build_image();
  for (const Compression compression : {Compression::kGzip, Compression::kZstd, Compression::kLz4,
                                        Compression::kLzma, Compression::kXz}) {
    SCOPED_TRACE(name(compression));
    expect_loads(build_zboot(image, compression), image);
  }
}

TEST(LinuxArm64, DamagedContents_AreRefusedAtOnce) {
  const TemporaryFolder folder;
  const auto open = [&](const Bytes& file) {
    LinuxArm64Loader loader(
        {.kernel_path = folder.file("kernel", file), .initrd_paths = {}, .reserved = {}});
  };
  EXPECT_THROW(open(compress(Bytes(1000), Compression::kGzip)), Error);
  Bytes zboot = build_zboot(build_image(), Compression::kGzip);
  std::fill_n(zboot.begin() + 0x1020, 200, std::byte{0});
  EXPECT_THROW(open(zboot), Error);
  EXPECT_THROW(open(build_image({.flags = 1})), Error);
}

TEST(LinuxArm64, TooLargeATree_IsRefused) {
  const TemporaryFolder folder;
  LinuxArm64Loader loader(
      {.kernel_path = folder.file("kernel", build_image()), .initrd_paths = {}, .reserved = {}});
  const GuestMemory memory = arm_memory(16 * kMiB);
  loader.load(memory);
  EXPECT_THROW(loader.finish(memory, Bytes(2 * kMiB + 1)), Error);
}

}  // namespace
}  // namespace lintel::boot
