// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/kernel_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "firmware/boot/decompress.h"
#include "firmware/boot/sha256.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"

namespace lintel::boot {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

constexpr std::string_view kLinks = "by-file";
constexpr std::string_view kTemporary = ".new-";
// What nobody used for this long goes, and the oldest beyond this number.
constexpr hours kUnusedLimit{30 * 24};
constexpr size_t kCountLimit = 16;
// Left by a process that was killed while it wrote.
constexpr hours kTemporaryLimit{24};
// An image's time stamp says when it was last used, this exactly.
constexpr hours kStampAccuracy{24};
constexpr uint64_t kKernelFileLimit = kGiB;

// A file that gets its name when it is whole, or vanishes.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& directory)
      : path_(fmt::format("{}/{}XXXXXX", directory, kTemporary)) {
    fd_ = UniqueFd(mkostemp(path_.data(), O_CLOEXEC));
    if (!fd_) throw_errno(errno, "Cannot create a file in {}", directory);
  }
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  int fd() const { return fd_.get(); }

  // The content reaches the disk before the name does: after a power loss the name must not stand
  // for a file of zeros.
  UniqueFd commit(const std::string& name) {
    if (fsync(fd_.get()) != 0) throw_errno(errno, "Cannot write {}", path_);
    if (rename(path_.c_str(), name.c_str()) != 0) throw_errno(errno, "Cannot create {}", name);
    path_.clear();
    return std::move(fd_);
  }

 private:
  std::string path_;
  UniqueFd fd_;
};

UniqueFd make_memory_file() {
  UniqueFd fd(memfd_create("lintel-kernel", MFD_CLOEXEC));
  if (!fd) throw_errno(errno, "Cannot create a memory file");
  return fd;
}

// Writes the image, or the reason why there is none, as far as the kernel's content decides it. An
// Error that leaves here is the disk's.
void write_image(int fd, std::span<const std::byte> content, const BzImage& kernel) {
  std::optional<MmapRegion> unpacked;
  std::optional<KernelImageWriter> writer;
  try {
    const auto payload = content.subspan(kernel.payload_offset, kernel.payload_size);
    const auto compression = detect_compression(payload);
    if (!compression) throw_error("The kernel's compression is not known");
    unpacked = decompress(payload, *compression);
    writer.emplace(unpacked->bytes(), KernelPlace{kernel.preferred_address, kernel.init_size});
  } catch (const Error& error) {
    write_refusal(fd, error.what());
    return;
  }
  writer->write(fd);
}

// Empty if there is no such image, or not a whole one, or not one that only we could write.
std::optional<KernelImage> open_image(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return std::nullopt;
  try {
    FileSource file(std::move(fd), path);
    if (file.status().st_uid != geteuid() || (file.status().st_mode & (S_IWGRP | S_IWOTH)) != 0) {
      throw_error("{} belongs to someone else", path);
    }
    return KernelImage(std::move(file));
  } catch (const Error& error) {
    log::info("Unpacking the kernel again: {}", error.what());
    return std::nullopt;
  }
}

void stamp(const FileSource& image) {
  const auto age = std::chrono::system_clock::now() -
                   std::chrono::system_clock::from_time_t(image.status().st_mtime);
  if (age > kStampAccuracy) futimens(image.fd(), nullptr);
}

}  // namespace

std::string default_kernel_cache_directory() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    // The specification: relative paths are invalid and are ignored.
    return std::string(value != nullptr && value[0] == '/' ? value : "");
  };
  const std::string cache = variable("XDG_CACHE_HOME");
  if (!cache.empty()) return cache + "/lintel/kernels";
  const std::string home = variable("HOME");
  return home.empty() ? home : home + "/.cache/lintel/kernels";
}

KernelCache::KernelCache(std::string directory) : directory_(std::move(directory)) {}

std::string KernelCache::image_path(const std::string& hash) const {
  return fmt::format("{}/{}.v{}", directory_, hash, kKernelImageVersion);
}

// The change time is part of the name because the modification time can be set back.
std::string KernelCache::link_path(const FileSource& file) const {
  const struct stat& status = file.status();
  return fmt::format("{}/{}/{:x}-{:x}-{:x}-{:x}.{:x}-{:x}.{:x}.v{}", directory_, kLinks,
                     status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec,
                     status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
                     kKernelImageVersion);
}

KernelImage KernelCache::get(const FileSource& file, const BzImage& kernel) const {
  if (!directory_.empty()) {
    if (auto image = open_image(link_path(file))) {
      stamp(image->file());
      return std::move(*image);
    }
  }
  if (kernel.payload_size == 0) throw_error("The setup header names no payload (payload_length)");
  if (file.size() > kKernelFileLimit) throw_error("The file has {:#x} bytes", file.size());
  // One read for both hashing and unpacking: the file may be replaced at any time.
  const MmapRegion content = MmapRegion::anonymous(file.size(), 4 * kKiB);
  file.read(0, content.bytes());
  const std::string hash = hex(sha256(content.bytes()));
  if (!directory_.empty()) {
    if (auto image = open_image(image_path(hash))) {
      stamp(image->file());
      link(hash, file);
      return std::move(*image);
    }
    try {
      KernelImage image = make(hash, content.bytes(), kernel);
      link(hash, file);
      prune();
      return image;
    } catch (const Error& error) {
      log::info("The unpacked kernel is not kept: {}", error.describe());
    }
  }
  UniqueFd fd = make_memory_file();
  write_image(fd.get(), content.bytes(), kernel);
  return KernelImage(FileSource(std::move(fd), "the unpacked kernel"));
}

KernelImage KernelCache::make(const std::string& hash, std::span<const std::byte> content,
                              const BzImage& kernel) const {
  std::error_code error;
  fs::create_directories(fs::path(directory_) / kLinks, error);
  if (error) throw_errno(error.value(), "Cannot create {}", directory_);
  TemporaryFile temporary(directory_);
  write_image(temporary.fd(), content, kernel);
  const std::string path = image_path(hash);
  return KernelImage(FileSource(temporary.commit(path), path));
}

// A link that cannot be made costs time in the next run, nothing else.
void KernelCache::link(const std::string& hash, const FileSource& file) const {
  const std::string target = "../" + fs::path(image_path(hash)).filename().string();
  const std::string path = link_path(file);
  const std::string temporary = fmt::format("{}/{}/{}{}-{}", directory_, kLinks, kTemporary,
                                            getpid(), fs::path(path).filename().string());
  if (symlink(target.c_str(), temporary.c_str()) != 0) return;
  if (rename(temporary.c_str(), path.c_str()) != 0) ::unlink(temporary.c_str());
}

void KernelCache::remove(const KernelImage& image) const {
  const std::string& path = image.file().path();
  // A memory file's path is no path.
  if (directory_.empty() || !path.starts_with(directory_)) return;
  std::error_code error;
  const fs::path target = fs::canonical(path, error);  // the path may be the link
  if (!error) fs::remove(target, error);
}

// Errors are ignored: another process may remove the same files.
void KernelCache::prune() const {
  struct Image {
    fs::path path;
    fs::file_time_type used;
  };
  std::vector<Image> images;
  std::error_code error;
  const auto now = fs::file_time_type::clock::now();
  for (const auto& entry : fs::directory_iterator(directory_, error)) {
    if (!entry.is_regular_file(error)) continue;
    const auto used = entry.last_write_time(error);
    const bool temporary = entry.path().filename().string().starts_with(kTemporary);
    if (now - used > (temporary ? kTemporaryLimit : kUnusedLimit)) {
      fs::remove(entry.path(), error);
    } else if (!temporary) {
      images.push_back({entry.path(), used});
    }
  }
  std::sort(images.begin(), images.end(),
            [](const Image& a, const Image& b) { return a.used > b.used; });
  for (size_t i = kCountLimit; i < images.size(); ++i) fs::remove(images[i].path, error);
  for (const auto& entry : fs::directory_iterator(fs::path(directory_) / kLinks, error)) {
    const bool temporary = entry.path().filename().string().starts_with(kTemporary);
    if (temporary || !fs::exists(entry.path(), error)) fs::remove(entry.path(), error);
  }
}

}  // namespace lintel::boot
