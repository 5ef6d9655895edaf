// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/backend/disk.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>

#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/base/types.h"

namespace lintel::virtio {
namespace {

constexpr uint64_t kSector = 512;

struct stat stat_of(int fd, const std::string& path) {
  struct stat status{};
  if (fstat(fd, &status) != 0) throw_errno(errno, "Cannot stat {}", path);
  return status;
}

UniqueFd open_disk(const DiskOptions& options) {
  struct stat status{};
  const bool block = ::stat(options.path.c_str(), &status) == 0 && S_ISBLK(status.st_mode);
  int flags = (options.readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOCTTY;
  if (options.direct) flags |= O_DIRECT;
  // On a block device O_EXCL alone claims it against file systems and volume managers (open(2)).
  if (block && !options.readonly) flags |= O_EXCL;
  UniqueFd fd(::open(options.path.c_str(), flags));
  if (fd) return fd;

  const int failure = errno;
  Error error(fmt::format("Cannot open disk {}", options.path), failure);
  std::string help;
  if (failure == ENOENT) {
    help = "create it, for example: truncate -s 10G " + options.path;
  } else if (failure == EACCES || failure == EPERM || failure == EROFS) {
    help = "give your user the right to write it, or set readonly = true for this disk";
  } else if (failure == EBUSY) {
    help = "unmount it on the host first; a mounted file system and a guest would destroy it";
  } else if (failure == EINVAL && options.direct) {
    help = "its file system has no direct I/O: set direct = false for this disk";
  }
  throw std::move(error).with_help(std::move(help));
}

// Whether a line of /proc/PID/fdinfo/FD tells of a lock by flock(2): those have them that hold one.
bool has_flock(const std::filesystem::path& fdinfo) {
  std::ifstream lines(fdinfo);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("lock:") && line.find(" FLOCK ") != std::string::npos) return true;
  }
  return false;
}

// Whether the process has a lock on the file by one of its descriptors. False also if we may not
// look at these.
bool holds_flock(long pid, const struct stat& file) {
  const std::filesystem::path process = fmt::format("/proc/{}", pid);
  std::error_code failure;
  std::filesystem::directory_iterator descriptors(process / "fd", failure);
  for (; !failure && descriptors != std::filesystem::directory_iterator();
       descriptors.increment(failure)) {
    const std::filesystem::path descriptor = descriptors->path();
    struct stat other{};
    if (has_flock(process / "fdinfo" / descriptor.filename()) &&
        ::stat(descriptor.c_str(), &other) == 0 && other.st_dev == file.st_dev &&
        other.st_ino == file.st_ino) {
      return true;
    }
  }
  return false;
}

// "process 1234 (lintel)", from the lines of /proc/locks (proc(5)):
// "1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF". The device there is that of the super block,
// which is another than fstat(2) has for files of overlays and of Btrfs: there the holder's
// descriptors tell. Empty if the holder is not to be seen. Those who read do not keep each other
// out.
std::string lock_holder(const struct stat& status, bool readonly) {
  const std::string wanted =
      fmt::format("{:02x}:{:02x}:{}", major(status.st_dev), minor(status.st_dev), status.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream fields(line);
    std::string number;
    std::string kind;
    std::string mode;
    std::string access;
    std::string inode;
    long pid = 0;
    fields >> number >> kind >> mode >> access >> pid >> inode;
    if (kind != "FLOCK" || pid <= 0 || (readonly && access == "READ")) continue;
    if (inode != wanted && !holds_flock(pid, status)) continue;
    std::string name;
    std::getline(std::ifstream(fmt::format("/proc/{}/comm", pid)) >> std::ws, name);
    return name.empty() ? fmt::format("process {}", pid)
                        : fmt::format("process {} ({})", pid, name);
  }
  return {};
}

// flock(2) and not fcntl(2): the kernel tells who holds it. Readers share, a writer is alone.
void lock_disk(int fd, const DiskOptions& options) {
  const struct stat status = stat_of(fd, options.path);
  // udev locks a block device while it looks at it, which takes milliseconds.
  int attempts = S_ISBLK(status.st_mode) ? 50 : 1;
  while (flock(fd, (options.readonly ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    // A file system without locks: nobody else can hold one there either.
    if (errno == ENOLCK || errno == EOPNOTSUPP) {
      log::warn("disk {} cannot be locked: {}", options.path, errno_text(errno));
      return;
    }
    if (errno != EWOULDBLOCK) throw_errno(errno, "Cannot lock disk {}", options.path);
    if (--attempts > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      continue;
    }
    const std::string holder = lock_holder(status, options.readonly);
    throw Error(fmt::format("Disk {} is locked by {}", options.path,
                            holder.empty() ? "another process" : holder),
                EWOULDBLOCK)
        .with_help(
            "stop that process first; two machines can share a disk only if both have it with "
            "readonly = true");
  }
}

// 0 if the kernel (before 6.1) does not tell.
void read_direct_io_alignment([[maybe_unused]] int fd, [[maybe_unused]] DiskGeometry& geometry) {
#ifdef STATX_DIOALIGN
  struct statx status{};
  if (statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &status) != 0) return;
  if ((status.stx_mask & STATX_DIOALIGN) == 0 || status.stx_dio_offset_align == 0) return;
  geometry.memory_alignment = std::max<uint32_t>(1, status.stx_dio_mem_align);
  geometry.logical_block = std::max<uint32_t>(kSector, status.stx_dio_offset_align);
#endif
}

DiskGeometry measure(int fd, const std::string& path, bool direct) {
  const struct stat status = stat_of(fd, path);
  DiskGeometry geometry;
  if (S_ISBLK(status.st_mode)) {
    int logical = 512;
    unsigned physical = 512;
    if (ioctl(fd, BLKGETSIZE64, &geometry.bytes) != 0) {
      throw_errno(errno, "Cannot get the size of {}", path);
    }
    ioctl(fd, BLKSSZGET, &logical);
    ioctl(fd, BLKPBSZGET, &physical);
    geometry.physical_block = physical;
    if (direct) {
      geometry.logical_block = static_cast<uint32_t>(logical);
      geometry.memory_alignment = static_cast<uint32_t>(logical);
    }
  } else if (S_ISREG(status.st_mode)) {
    geometry.bytes = static_cast<uint64_t>(status.st_size);
    // A file system's block: smaller writes make it read the rest first.
    geometry.physical_block = 4096;
    if (direct) geometry.memory_alignment = kSector;
  } else {
    throw_error("Disk {} is neither a regular file nor a block device", path);
  }
  if (direct) read_direct_io_alignment(fd, geometry);
  if (!is_power_of_two(geometry.logical_block) || !is_power_of_two(geometry.physical_block)) {
    throw_error("Disk {} has blocks of {} and {} bytes", path, geometry.logical_block,
                geometry.physical_block);
  }
  geometry.physical_block = std::max(geometry.physical_block, geometry.logical_block);
  if (geometry.bytes % geometry.logical_block != 0) {
    log::warn("disk {} has {} bytes, no multiple of {}; the guest does not see the rest", path,
              geometry.bytes, geometry.logical_block);
    geometry.bytes = align_down(geometry.bytes, geometry.logical_block);
  }
  if (geometry.bytes == 0) {
    throw Error(fmt::format("Disk {} is empty", path))
        .with_help("give it a size, for example: truncate -s 10G " + path);
  }
  return geometry;
}

}  // namespace

std::string disk_lock_holder(const DiskOptions& options) {
  struct stat status{};
  return ::stat(options.path.c_str(), &status) == 0 ? lock_holder(status, options.readonly) : "";
}

Disk::Disk(const DiskOptions& options)
    : path_(options.path),
      readonly_(options.readonly),
      direct_(options.direct),
      fd_(open_disk(options)) {
  lock_disk(fd_.get(), options);
  geometry_ = measure(fd_.get(), path_, direct_);
}

}  // namespace lintel::virtio
