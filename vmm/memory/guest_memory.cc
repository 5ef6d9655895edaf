// SPDX-License-Identifier: Apache-2.0
#include "vmm/memory/guest_memory.h"

#include <fcntl.h>
#include <linux/memfd.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "vmm/base/clock.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/memory/populate.h"

namespace lintel {
namespace {

constexpr uint64_t kTransparentHugePage = 2 * kMiB;

uint64_t page_size(HugePages pages) {
  switch (pages) {
    case HugePages::k2MiB: return 2 * kMiB;
    case HugePages::k1GiB: return kGiB;
    case HugePages::kTransparent:
    case HugePages::kOff: break;
  }
  return host_page_size();
}

bool is_hugetlb(HugePages pages) {
  return pages == HugePages::k2MiB || pages == HugePages::k1GiB;
}

// Sealed at its size: whoever else has the file (vhost-user, vfio-user) could shrink it, and our
// next access to what is gone would be a SIGBUS.
UniqueFd make_memfd(uint64_t size, HugePages pages) {
  unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  if (pages == HugePages::k2MiB) flags |= MFD_HUGETLB | MFD_HUGE_2MB;
  if (pages == HugePages::k1GiB) flags |= MFD_HUGETLB | MFD_HUGE_1GB;
  UniqueFd fd(memfd_create("lintel-ram", flags));
  if (!fd) throw_errno(errno, "Cannot create a memory file for {} bytes of guest RAM", size);
  if (ftruncate(fd.get(), static_cast<off_t>(size)) != 0) {
    throw_errno(errno, "Cannot size the memory file to {} bytes", size);
  }
  if (fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    throw_errno(errno, "Cannot seal the size of the memory file");
  }
  return fd;
}

// Anonymous memory is the default: only it gets transparent huge pages on a stock kernel, where
// /sys/kernel/mm/transparent_hugepage/shmem_enabled is "never", and each 4 KiB page that a guest
// touches first costs an exit.
RamRegion make_region(GuestRange range, const MemoryBacking& backing) {
  RamRegion region;
  region.range = range;
  if (backing.shared || is_hugetlb(backing.huge_pages)) {
    const uint64_t page = page_size(backing.huge_pages);
    if (range.size % page != 0) {
      throw_error("Guest RAM of {:#x} bytes at {:#x} is not a multiple of the huge page size {:#x}",
                  range.size, range.base.value, page);
    }
    region.memfd = make_memfd(range.size, backing.huge_pages);
    // Without MAP_NORESERVE hugetlbfs reserves its pages here, so a short pool is an error now and
    // not a SIGBUS later.
    region.mapping =
        MmapRegion::map(range.size, PROT_READ | PROT_WRITE, MAP_SHARED, region.memfd.get(), 0);
  } else {
    region.mapping = MmapRegion::anonymous(range.size, kTransparentHugePage);
  }
  if (backing.huge_pages == HugePages::kTransparent) {
    // Refused only by kernels without transparent huge pages, where 4 KiB pages serve.
    madvise(region.mapping.data(), region.mapping.size(), MADV_HUGEPAGE);
  }
  // A core dump of the monitor is for the monitor's bugs, not for the guest's secrets.
  madvise(region.mapping.data(), region.mapping.size(), MADV_DONTDUMP);
  // Children that take a device from its driver while the guest runs need none of it: a fork would
  // write-protect all, and copy what is pinned for devices.
  madvise(region.mapping.data(), region.mapping.size(), MADV_DONTFORK);
  return region;
}

void populate_region(const RamRegion& region, HugePages huge_pages, PopulateOptions options) {
  const SystemClock clock;
  Progress progress(clock, [&](uint64_t done) {
    log::info("{} of {} MiB of guest memory at {:#x} are allocated", done / kMiB,
              region.range.size / kMiB, region.range.base.value);
  });
  options.threads = populate_threads();
  // Threads at the same page wait for each other.
  options.piece = std::max<uint64_t>(options.piece, page_size(huge_pages));
  options.progress = [&](uint64_t done) { progress.at(done); };
  populate({region.mapping.data(), region.mapping.size()}, options);
}

// RAM is allocated as the guest touches it, so the kernel would take any size and end the monitor
// later. More than the host could ever give is refused now; less is the host's business.
void require_host_memory(std::span<const GuestRange> ranges) {
  uint64_t wanted = 0;
  for (const GuestRange& range : ranges) wanted += range.size;
  struct sysinfo host{};
  if (sysinfo(&host) != 0) return;
  const uint64_t unit = host.mem_unit;
  const uint64_t has = (host.totalram + host.totalswap) * unit;
  if (wanted <= has) return;
  throw Error(fmt::format("The guest is to have {} MiB of memory, but this host has only {} MiB "
                          "with its swap space",
                          wanted / kMiB, has / kMiB))
      .with_help("set a smaller memory.size");
}

}  // namespace

GuestMemory::GuestMemory(std::span<const GuestRange> ranges, const MemoryBacking& backing)
    : huge_pages_(backing.huge_pages) {
  if (!is_hugetlb(backing.huge_pages)) require_host_memory(ranges);
  for (const GuestRange& range : ranges) {
    try {
      regions_.push_back(make_region(range, backing));
      if (backing.prefault) populate_region(regions_.back(), backing.huge_pages, {});
    } catch (Error& error) {
      std::string help =
          is_hugetlb(backing.huge_pages)
              ? "reserve huge pages first (/proc/sys/vm/nr_hugepages), or set memory.hugepages "
                "= \"off\""
              : "set a smaller memory.size, or free memory on the host";
      throw std::move(error)
          .with_context(fmt::format("Cannot allocate guest RAM [{:#x}, +{:#x})", range.base.value,
                                    range.size))
          .with_help(std::move(help));
    }
    total_ += range.size;
  }
}

void GuestMemory::populate(const std::function<bool()>& cancelled) const {
  // The kernel holds the lock of the address space for as long as a piece takes, and a vCPU that
  // touches a new page may have to wait for it.
  constexpr uint64_t kPieceBesideAGuest = 16 * kMiB;
  for (const RamRegion& region : regions_) {
    with_context(
        [&] {
          return fmt::format("Cannot allocate guest RAM [{:#x}, +{:#x})", region.range.base.value,
                             region.range.size);
        },
        [&] {
          populate_region(region, huge_pages_,
                          {.piece = kPieceBesideAGuest, .cancelled = cancelled});
        });
  }
}

std::span<std::byte> GuestMemory::slice(GuestAddress address, uint64_t size) const {
  if (size == 0) return {};
  for (const RamRegion& region : regions_) {
    if (region.range.contains(address, size)) {
      return region.mapping.bytes().subspan(address.value - region.range.base.value, size);
    }
  }
  return {};
}

bool GuestMemory::read(GuestAddress address, std::span<std::byte> to) const {
  const auto from = slice(address, to.size());
  if (from.size() != to.size()) return false;
  if (!to.empty()) std::memcpy(to.data(), from.data(), to.size());
  return true;
}

bool GuestMemory::write(GuestAddress address, std::span<const std::byte> from) const {
  const auto to = slice(address, from.size());
  if (to.size() != from.size()) return false;
  if (!to.empty()) std::memcpy(to.data(), from.data(), from.size());
  return true;
}

}  // namespace lintel
