// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/kernel_cache.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/firmware/boot/kernel_builder.h"
#include "vmm/base/error.h"

namespace lintel::boot {
namespace {

namespace fs = std::filesystem;

class KernelCacheTest : public testing::Test {
 protected:
  KernelImage get() const { return get(kernel_); }
  KernelImage get(const std::string& path) const {
    const FileSource file(path);
    return KernelCache(directory_).get(file, parse_bzimage(file));
  }

  std::vector<fs::path> images() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(directory_)) {
      if (entry.is_regular_file()) found.push_back(entry.path());
    }
    return found;
  }
  size_t link_count() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(directory_ + "/by-file"), fs::directory_iterator()));
  }

  static void expect_usable(const KernelImage& image) {
    EXPECT_EQ(image.refusal(), "");
    EXPECT_EQ(image.memory_size(), kTestKernelSize);
    const GuestMemory memory = make_memory(32 * kMiB);
    image.load(memory, GuestAddress(kTestKernelBase), 0, RamState::kZeroed);
    EXPECT_EQ(get_value<uint8_t>(memory, kTestKernelEntry), 0xf4);
  }

  TemporaryFolder folder_;
  std::string directory_ = folder_.path() + "/cache/kernels";
  Bytes packed_ = build_bzimage({.payload = compress(build_unpacked_kernel(), Compression::kZstd)});
  std::string kernel_ = folder_.file("vmlinuz", packed_);
};

TEST_F(KernelCacheTest, second_use_reads_the_first_ones_image) {
  expect_usable(get());
  ASSERT_EQ(images().size(), 1u);
  // What is not made again stays changed.
  const auto before = fs::file_size(images()[0]);
  const auto inode = FileSource(images()[0]).status().st_ino;
  const KernelImage again = get();
  expect_usable(again);
  EXPECT_EQ(again.file().status().st_ino, inode);
  EXPECT_EQ(fs::file_size(images()[0]), before);
}

TEST_F(KernelCacheTest, copies_of_a_kernel_share_an_image) {
  get();
  expect_usable(get(folder_.file("copy", packed_)));
  EXPECT_EQ(images().size(), 1u);
  EXPECT_EQ(link_count(), 2u);
}

TEST_F(KernelCacheTest, changed_file_is_another_kernel) {
  get();
  Bytes unpacked = build_unpacked_kernel();
  folder_.file("vmlinuz", build_bzimage({.payload = compress(unpacked, Compression::kGzip)}));
  expect_usable(get());
  EXPECT_EQ(images().size(), 2u);
}

TEST_F(KernelCacheTest, damaged_image_is_made_again) {
  get();
  const fs::path image = images()[0];
  const auto size = fs::file_size(image);
  fs::resize_file(image, size / 2);
  expect_usable(get());
  EXPECT_EQ(fs::file_size(images()[0]), size);
  const UniqueFd fd = open_file(image, O_WRONLY);
  write_exactly(fd.get(), to_bytes("garbage"), 8);
  expect_usable(get());
  fs::resize_file(image, 0);
  expect_usable(get());
}

TEST_F(KernelCacheTest, image_that_others_can_write_is_not_used) {
  get();
  const auto inode = FileSource(images()[0]).status().st_ino;
  fs::permissions(images()[0], fs::perms::others_write, fs::perm_options::add);
  const KernelImage again = get();
  expect_usable(again);
  EXPECT_NE(again.file().status().st_ino, inode);
}

TEST_F(KernelCacheTest, dangling_link_is_repaired) {
  get();
  fs::remove(images()[0]);
  expect_usable(get());
  EXPECT_EQ(images().size(), 1u);
}

TEST_F(KernelCacheTest, without_a_folder_the_image_is_in_memory) {
  const FileSource file(kernel_);
  expect_usable(KernelCache("").get(file, parse_bzimage(file)));
  expect_usable(KernelCache("/proc/self/no/such").get(file, parse_bzimage(file)));
}

TEST_F(KernelCacheTest, kernel_that_is_not_understood_is_remembered) {
  const auto elf_only = [] {
    Bytes unpacked = build_unpacked_kernel();
    unpacked.resize(parse_elf(SpanSource(unpacked)).file_end);
    return unpacked;
  };
  const auto path =
      folder_.file("fixed", build_bzimage({.payload = compress(elf_only(), Compression::kGzip)}));
  EXPECT_NE(get(path).refusal().find("CONFIG_RANDOMIZE_BASE"), std::string::npos);
  const auto inode = FileSource(images()[0]).status().st_ino;
  const KernelImage again = get(path);
  EXPECT_NE(again.refusal(), "");
  EXPECT_EQ(again.file().status().st_ino, inode);
}

TEST_F(KernelCacheTest, unknown_compression_is_a_refusal) {
  const auto path = folder_.file(
      "lzo", build_bzimage({.payload = to_bytes("\x89LZO and so on, and so on, and so on")}));
  EXPECT_NE(get(path).refusal().find("compression"), std::string::npos);
}

TEST_F(KernelCacheTest, old_images_and_leftovers_go_when_one_is_added) {
  get();
  const auto now = fs::file_time_type::clock::now();
  const auto make = [&](const std::string& name, std::chrono::hours age) {
    const fs::path path = fs::path(directory_) / name;
    open_file(path, O_CREAT | O_WRONLY, 0600);
    fs::last_write_time(path, now - age);
    return path;
  };
  const auto old = make("old.v1", std::chrono::hours(24 * 31));
  const auto recent = make("recent.v1", std::chrono::hours(24 * 29));
  const auto leftover = make(".new-abc", std::chrono::hours(25));
  const auto being_written = make(".new-def", std::chrono::hours(1));
  fs::create_symlink("../gone.v1", fs::path(directory_) / "by-file" / "dangling");
  get(folder_.file("other", build_bzimage({.payload = compress(build_unpacked_kernel(false),
                                                               Compression::kGzip)})));
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(fs::exists(recent));
  EXPECT_FALSE(fs::exists(leftover));
  EXPECT_TRUE(fs::exists(being_written));
  EXPECT_FALSE(fs::is_symlink(fs::path(directory_) / "by-file" / "dangling"));
}

TEST_F(KernelCacheTest, number_of_images_is_bounded) {
  get();
  const auto now = fs::file_time_type::clock::now();
  for (int i = 0; i < 30; ++i) {
    const fs::path path = fs::path(directory_) / (std::to_string(i) + ".v1");
    open_file(path, O_CREAT | O_WRONLY, 0600);
    fs::last_write_time(path, now - std::chrono::hours(i + 1));
  }
  get(folder_.file("other", build_bzimage({.payload = compress(build_unpacked_kernel(false),
                                                               Compression::kGzip)})));
  EXPECT_EQ(images().size(), 16u);
  EXPECT_TRUE(fs::exists(fs::path(directory_) / "0.v1"));
  EXPECT_FALSE(fs::exists(fs::path(directory_) / "29.v1"));
}

TEST_F(KernelCacheTest, use_renews_an_old_time_stamp) {
  get();
  const fs::path image = images()[0];
  const auto now = fs::file_time_type::clock::now();
  fs::last_write_time(image, now - std::chrono::hours(48));
  get();
  EXPECT_GT(fs::last_write_time(image), now - std::chrono::hours(1));
}

TEST_F(KernelCacheTest, threads_and_processes_may_insert_at_once) {
  constexpr int kProcesses = 4;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      int status = 0;
      try {
        for (int round = 0; round < 5; ++round) {
          if (get().memory_size() != kTestKernelSize) status = 1;
          if (i == 0) fs::resize_file(images().at(0), 100);
        }
      } catch (...) {
        // Another child's rename may take the file from under the one that damages it.
        status = i == 0 ? 0 : 1;
      }
      _exit(status);
    }
    children.push_back(child);
  }
  std::vector<std::thread> threads;
  std::vector<uint64_t> sizes(4);
  for (uint64_t& size : sizes) {
    threads.emplace_back([this, &size] { size = get().memory_size(); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const uint64_t size : sizes) EXPECT_EQ(size, kTestKernelSize);
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  expect_usable(get());
}

TEST(DefaultKernelCacheDirectory, follows_the_base_directory_specification) {
  const auto with = [](const char* cache, const char* home) {
    cache == nullptr ? unsetenv("XDG_CACHE_HOME") : setenv("XDG_CACHE_HOME", cache, 1);
    home == nullptr ? unsetenv("HOME") : setenv("HOME", home, 1);
    return default_kernel_cache_directory();
  };
  EXPECT_EQ(with("/c", "/h"), "/c/lintel/kernels");
  EXPECT_EQ(with("", "/h"), "/h/.cache/lintel/kernels");
  EXPECT_EQ(with("relative", "/h"), "/h/.cache/lintel/kernels");
  EXPECT_EQ(with(nullptr, nullptr), "");
}

}  // namespace
}  // namespace lintel::boot
