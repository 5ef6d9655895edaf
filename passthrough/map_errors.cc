// SPDX-License-Identifier: Apache-2.0
#include "passthrough/map_errors.h"

#include <bit>
#include <cerrno>
#include <numeric>
#include <string>
#include <utility>

#include "passthrough/host/limits.h"

namespace lintel::passthrough {
namespace {

uint64_t in_mib(uint64_t bytes) {
  return bytes / kMiB + (bytes % kMiB != 0 ? 1 : 0);
}

std::string text(GuestRange range) {
  return fmt::format("[{:#x}, {:#x}]", range.base.value, range.last());
}

// The hole of the address space that the range touches first; without a value, none.
std::optional<GuestRange> hole_at(GuestRange range, const DmaGeometry& geometry) {
  uint64_t from = 0;  // the first address that is not in a range that was looked at
  for (const GuestRange& usable : geometry.usable) {
    if (range.base < usable.base) {
      return GuestRange{GuestAddress(from), usable.base.value - from};
    }
    if (usable.contains(range.base)) {
      if (range.last() <= usable.last()) return std::nullopt;
      range = {GuestAddress(usable.end()), range.last() - usable.last()};
    }
    from = usable.end();
  }
  return GuestRange{GuestAddress(from), UINT64_MAX - from};
}

}  // namespace

std::optional<Error> locked_memory_problem(uint64_t needed, std::optional<uint64_t> limit) {
  if (!limit || needed <= *limit) return std::nullopt;
  // Devices' queues and the monitor's own locked pages come on top.
  const uint64_t mib = in_mib(needed) + 64;
  return Error(fmt::format("RLIMIT_MEMLOCK lets this process lock {} MiB of memory, but {} MiB of "
                           "guest memory must be locked for DMA",
                           *limit / kMiB, in_mib(needed)))
      .with_help(
          fmt::format("in a systemd unit LimitMEMLOCK={}M (or infinity); for a login the line "
                      "\"USER - memlock {}\" in /etc/security/limits.d/lintel.conf; in a shell "
                      "of root `ulimit -l {}`",
                      mib, mib * 1024, mib * 1024));
}

std::optional<Error> geometry_problem(GuestRange range, const DmaGeometry& geometry) {
  const uint64_t page = uint64_t{1} << std::countr_zero(geometry.page_sizes | uint64_t{1} << 63);
  if ((range.base.value | range.size) % page != 0) {
    return Error(fmt::format("{} is not made of whole pages of {:#x} bytes, the smallest that the "
                             "IOMMU maps",
                             text(range), page))
        .with_help("use larger pages for the guest's memory");
  }
  if (const auto hole = hole_at(range, geometry)) {
    return Error(fmt::format("{} reaches into {}, which the IOMMU does not translate", text(range),
                             text(*hole)))
        .with_help(
            "guest memory must lie around the host's reserved ranges "
            "(/sys/kernel/iommu_groups/*/reserved_regions) and below the IOMMU's last address");
  }
  return std::nullopt;
}

Error explain_map_failure(Error failure, const MapAttempt& attempt, const DmaGeometry& geometry) {
  const auto because = [&](const Error& reason) {
    return std::move(failure).with_context(reason.what()).with_help(reason.help());
  };
  switch (failure.errno_value()) {
    case ENOMEM: {
      if (attempt.kind != MemoryKind::kRam) {
        return std::move(failure).with_context("The host has no memory left to map more");
      }
      const uint64_t needed = attempt.locked_before + attempt.range.size;
      if (const auto problem = locked_memory_problem(needed, attempt.locked_memory_limit)) {
        return because(*problem);
      }
      return because(Error(fmt::format("The host cannot lock {} MiB of memory", in_mib(needed)))
                         .with_help("give the guest less memory, or free some on the host"));
    }
    case EINVAL:
      if (const auto problem = geometry_problem(attempt.range, geometry)) return because(*problem);
      return failure;
    case ENOSPC:
      return because(
          Error("The IOMMU driver allows no further mapping")
              .with_help("raise dma_entry_limit of vfio_iommu_type1, as in `echo 1000000 > "
                         "/sys/module/vfio_iommu_type1/parameters/dma_entry_limit`"));
    case EEXIST:
    case EADDRINUSE: return std::move(failure).with_context("Memory is mapped there already");
    case EFAULT:
      return std::move(failure).with_context(
          "The kernel cannot pin that memory: is it a device's?");
    default: return failure;
  }
}

Error LockedRam::explain(Error failure, const MappedMemory& memory,
                         const DmaGeometry& geometry) const {
  const MapAttempt attempt{.range = memory.range,
                           .kind = memory.kind,
                           .locked_before = bytes(),
                           .locked_memory_limit = host::locked_memory_limits(host::Tree()).soft};
  return explain_map_failure(std::move(failure), attempt, geometry)
      .with_context(fmt::format("Cannot map guest memory [{:#x}, {:#x}] for DMA",
                                memory.range.base.value, memory.range.last()));
}

uint64_t LockedRam::bytes() const {
  return std::accumulate(ranges_.begin(), ranges_.end(), uint64_t{0},
                         [](uint64_t sum, const GuestRange& range) { return sum + range.size; });
}

}  // namespace lintel::passthrough
