// SPDX-License-Identifier: Apache-2.0
#include "passthrough/kernel_device.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <numeric>
#include <utility>

#include "vmm/base/error.h"

namespace lintel::passthrough {
namespace {

DeviceInfo checked_info(uapi::Kernel& kernel, int fd, const std::string& name) {
  return with_context([&] { return fmt::format("Cannot use device {}", name); },
                      [&] { return uapi::device_info(kernel, fd); });
}

std::vector<uint64_t> read_numbers(const std::string& path) {
  const std::string text = read_whole_file(path);
  std::vector<uint64_t> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  uint64_t number = 0;
  while (at < end) {
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc{}) break;
    numbers.push_back(number);
    at = next + 1;
  }
  return numbers;
}

// The kernel's largest page for device memory.
constexpr uint64_t kLargestPage = kGiB;

}  // namespace

KernelDevice::KernelDevice(uapi::Kernel& kernel, UniqueFd fd, std::string name, std::string sysfs)
    : kernel_(kernel),
      fd_(std::move(fd)),
      name_(std::move(name)),
      sysfs_(std::move(sysfs)),
      info_(checked_info(kernel_, fd_.get(), name_)),
      regions_(info_.regions) {}

template <typename Body>
decltype(auto) KernelDevice::named(const char* what, Body&& body) {
  return with_context([&] { return fmt::format("Cannot {} of device {}", what, name_); },
                      std::forward<Body>(body));
}

RegionInfo KernelDevice::region(uint32_t index) {
  return known(index).info;
}

const uapi::Region& KernelDevice::known(uint32_t index) {
  if (index >= info_.regions) throw_error("Device {} has no region {}", name_, index);
  const MutexLock lock(mutex_);
  std::unique_ptr<const uapi::Region>& region = regions_[index];
  if (region == nullptr) {
    region = std::make_unique<const uapi::Region>(
        named("look at a region", [&] { return uapi::region(kernel_, fd_.get(), index); }));
  }
  return *region;
}

IrqInfo KernelDevice::irq(uint32_t index) {
  if (index >= info_.irqs) throw_error("Device {} has no interrupt index {}", name_, index);
  return named("look at the interrupts", [&] { return uapi::irq(kernel_, fd_.get(), index); });
}

std::optional<uint64_t> KernelDevice::locate(uint32_t region, uint64_t offset, size_t size) {
  try {
    const uapi::Region& at = known(region);
    if (offset > at.info.size || size > at.info.size - offset) return std::nullopt;
    return at.file_offset + offset;
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool KernelDevice::read(uint32_t region, uint64_t offset, std::span<std::byte> to) {
  // Of configuration space the kernel reads one register after the other itself
  // (vfio_pci_config_rw).
  const bool of_any_size = region == pci_region::kRom || region == pci_region::kConfig;
  if (!of_any_size && !access_size(to.size())) return false;
  const auto at = locate(region, offset, to.size());
  if (!at) return false;
  ssize_t count;
  do {
    count = ::pread(fd_.get(), to.data(), to.size(), static_cast<off_t>(*at));
  } while (count < 0 && errno == EINTR);
  return count == static_cast<ssize_t>(to.size());
}

bool KernelDevice::write(uint32_t region, uint64_t offset, std::span<const std::byte> from) {
  if (region != pci_region::kRom && !access_size(from.size())) return false;
  const auto at = locate(region, offset, from.size());
  if (!at) return false;
  ssize_t count;
  do {
    count = ::pwrite(fd_.get(), from.data(), from.size(), static_cast<off_t>(*at));
  } while (count < 0 && errno == EINTR);
  return count == static_cast<ssize_t>(from.size());
}

MmapRegion KernelDevice::map(uint32_t region, RegionPart part) {
  const uapi::Region& at = known(region);
  const uint64_t page = host_page_size();
  // The kernel keeps others out of the page that a small BAR is in.
  const uint64_t end = align_up(at.info.size, page);
  if (!at.info.mappable || part.size == 0 || part.offset > end || part.size > end - part.offset ||
      (part.offset | part.size) % page != 0) {
    throw_error("Cannot map [{:#x}, +{:#x}) of region {} of device {}", part.offset, part.size,
                region, name_);
  }
  const int protection = (at.info.readable ? PROT_READ : 0) | (at.info.writable ? PROT_WRITE : 0);
  // A region's memory is aligned to its size, so its offsets tell where large pages begin. No page
  // larger than the part is in it.
  const uint64_t alignment = std::min(std::bit_floor(part.size), kLargestPage);
  return named("map a region", [&] {
    MmapRegion mapping =
        MmapRegion::shared(fd_.get(), at.file_offset + part.offset, part.size, protection,
                           {.alignment = alignment, .remainder = part.offset & (alignment - 1)});
    // A child that is stuck while it takes another device from its driver must not keep this one.
    madvise(mapping.data(), mapping.size(), MADV_DONTFORK);
    return mapping;
  });
}

void KernelDevice::set_triggers(uint32_t index, uint32_t first, std::span<const int> event_fds) {
  if (event_fds.empty()) return;
  named("enable interrupts", [&] {
    uapi::trigger_by(kernel_, fd_.get(), {index, first, static_cast<uint32_t>(event_fds.size())},
                     event_fds);
  });
}

void KernelDevice::disable_irqs(uint32_t index) {
  named("disable interrupts", [&] { uapi::disable_irqs(kernel_, fd_.get(), index); });
}

void KernelDevice::mask(uint32_t index, uint32_t vector) {
  named("mask an interrupt", [&] { uapi::mask(kernel_, fd_.get(), {index, vector, 1}); });
}

void KernelDevice::unmask(uint32_t index, uint32_t vector) {
  named("unmask an interrupt", [&] { uapi::unmask(kernel_, fd_.get(), {index, vector, 1}); });
}

void KernelDevice::set_unmask_event(uint32_t index, uint32_t vector, int event_fd) {
  named("unmask an interrupt by event",
        [&] { uapi::unmask_by(kernel_, fd_.get(), {index, vector, 1}, event_fd); });
}

// Documentation/ABI/testing/sysfs-kernel-irq: the count of each CPU, with commas between.
std::optional<uint64_t> KernelDevice::intx_count() {
  try {
    const auto number = read_numbers(fmt::format("{}/bus/pci/devices/{}/irq", sysfs_, name_));
    if (number.size() != 1) return std::nullopt;
    const auto counts =
        read_numbers(fmt::format("{}/kernel/irq/{}/per_cpu_count", sysfs_, number.front()));
    if (counts.empty()) return std::nullopt;
    return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
  } catch (const Error&) {
    return std::nullopt;
  }
}

void KernelDevice::reset() {
  with_context([&] { return fmt::format("Cannot reset device {}", name_); },
               [&] { uapi::reset(kernel_, fd_.get()); });
}

std::vector<HotResetPeer> KernelDevice::hot_reset_peers() {
  return named("look at the bus", [&] { return uapi::hot_reset_peers(kernel_, fd_.get()); });
}

void KernelDevice::hot_reset(std::span<const int> owners) {
  named("reset the bus", [&] { uapi::hot_reset(kernel_, fd_.get(), owners); });
}

}  // namespace lintel::passthrough
