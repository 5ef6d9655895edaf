// SPDX-License-Identifier: Apache-2.0
#include "passthrough/user/user_device.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/base/types.h"

namespace lintel::passthrough::user {
namespace {

constexpr uint32_t kPciIrqs = pci_irq::kRequest + 1;

// A page of any other file (one in FUSE, say) could be held back by whoever serves it, for ever,
// and with it the vCPU that touches it. A device's node lies on a tmpfs too, but is no regular
// file. Only of files in memory there are seals, and to ask for them asks no file system, which
// could withhold its answer too.
bool is_memory_file(int fd) {
  struct stat file{};
  struct statfs about{};
  if (fcntl(fd, F_GET_SEALS) < 0) return false;
  if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode) || fstatfs(fd, &about) != 0) return false;
  const auto type = static_cast<uint32_t>(about.f_type);
  return type == TMPFS_MAGIC || type == HUGETLBFS_MAGIC;
}

// Guest addresses of a BAR are aligned to its size, so large pages can be used where the address
// here is as far from their boundary as the offset in the region is.
MmapRegion map_aligned(int fd, uint64_t file_offset, RegionPart part) {
  uint64_t alignment = host_page_size();
  for (const uint64_t large : {2 * kMiB, kGiB}) {
    if (part.size >= large) alignment = large;
  }
  void* const reserved = mmap(nullptr, part.size + alignment, PROT_NONE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reserved == MAP_FAILED) throw_errno(errno, "Cannot reserve {:#x} bytes", part.size);
  auto* const start = static_cast<std::byte*>(reserved);
  const uint64_t wanted = part.offset % alignment;
  const uint64_t before =
      (wanted + alignment - reinterpret_cast<uintptr_t>(start) % alignment) % alignment;
  std::byte* const at = start + before;
  if (mmap(at, part.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
           static_cast<off_t>(file_offset)) == MAP_FAILED) {
    const int failure = errno;
    munmap(start, part.size + alignment);
    throw_errno(failure, "Cannot map {:#x} bytes at {:#x} of the server's file", part.size,
                file_offset);
  }
  if (before != 0) munmap(start, before);
  if (before != alignment) munmap(at + part.size, alignment - before);
  return MmapRegion(at, part.size);
}

}  // namespace

UserDevice::UserDevice(std::shared_ptr<Session> session) : session_(std::move(session)) {
  const DeviceInfoMessage message;
  std::array<std::byte, 64> room;
  const Deadline deadline = std::chrono::steady_clock::now() + session_->limits().command;
  const Answer answer = ask(Command::kDeviceGetInfo, bytes_of(message), room, deadline);
  info_ = with_context([] { return std::string("Cannot ask what device it is"); },
                       [&] { return decode_device_info(std::span(room).first(answer.size)); });
  for (uint32_t i = 0; i < info_.regions; ++i) {
    regions_.push_back(with_context([&] { return fmt::format("Cannot ask for region {}", i); },
                                    [&] { return ask_region(i, deadline); }));
  }
  for (uint32_t i = 0; i < info_.irqs; ++i) {
    irqs_.push_back(with_context([&] { return fmt::format("Cannot ask for interrupts {}", i); },
                                 [&] { return ask_irq(i, deadline); }));
  }
  for (uint32_t i = info_.irqs; i < kPciIrqs; ++i) irqs_.push_back({.index = i});
  info_.irqs = static_cast<uint32_t>(irqs_.size());
  IrqInfo& request = irqs_[pci_irq::kRequest];
  server_has_request_ = request.count != 0;
  request.count = 1;
  request.eventfd = true;
}

Answer UserDevice::ask(Command command, std::span<const std::byte> question,
                       std::span<std::byte> room, Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return session_->ask({.command = command,
                        .payload = question,
                        .limit = std::max(left, std::chrono::milliseconds(1)),
                        .rest_of = session_->limits().command},
                       room);
}

UserDevice::Region UserDevice::ask_region(uint32_t index, Deadline deadline) {
  const RegionInfoMessage message{.argsz = kMaxRegionInfo, .index = index};
  std::vector<std::byte> room(kMaxRegionInfo);
  Answer answer = ask(Command::kDeviceGetRegionInfo, bytes_of(message), room, deadline);
  RegionReply reply =
      decode_region_info(std::span(room).first(answer.size), index, answer.fds.size());
  Region region{.info = std::move(reply.info), .file = {}, .file_offset = reply.file_offset};
  if (!region.info.mappable) return region;
  region.file = std::move(answer.fds.front());
  // All of a region can be reached by messages too, so what cannot be mapped is only slower.
  const bool whole_pages = region.file_offset % host_page_size() == 0;
  const bool read_write = region.info.readable && region.info.writable;
  if (whole_pages && read_write && is_memory_file(region.file.get())) return region;
  log::warn("{}: region {} is not mapped, because {}", name(), index,
            !whole_pages  ? "its offset in the server's file is not a multiple of the page size"
            : !read_write ? "it is not readable and writable"
                          : "what the server gives is not a file on tmpfs or hugetlbfs");
  region.info.mappable = false;
  region.info.sparse.reset();
  region.file.reset();
  return region;
}

IrqInfo UserDevice::ask_irq(uint32_t index, Deadline deadline) {
  const IrqInfoMessage message{.index = index};
  std::array<std::byte, 64> room;
  const Answer answer = ask(Command::kDeviceGetIrqInfo, bytes_of(message), room, deadline);
  return decode_irq_info(std::span(room).first(answer.size), index);
}

const UserDevice::Region& UserDevice::checked_region(uint32_t index) const {
  if (index >= regions_.size()) throw_error("{} has no region {}", name(), index);
  return regions_[index];
}

RegionInfo UserDevice::region(uint32_t index) {
  return checked_region(index).info;
}

IrqInfo UserDevice::irq(uint32_t index) {
  check_vectors(index, 0, 0);
  return irqs_[index];
}

bool UserDevice::inside(uint32_t region, uint64_t offset, size_t size) const {
  if (region >= regions_.size()) return false;
  const uint64_t whole = regions_[region].info.size;
  return offset <= whole && size <= whole - offset;
}

bool UserDevice::read(uint32_t region, uint64_t offset, std::span<std::byte> to) {
  const Operation operation(*this);
  const size_t at_once = session_->server().transfer;
  bool done = inside(region, offset, to.size());
  for (size_t at = 0; done && at < to.size(); at += at_once) {
    const auto piece = to.subspan(at, std::min(at_once, to.size() - at));
    done = access({Command::kRegionRead, region, offset + at, piece.size()}, {}, piece);
  }
  if (!done) std::ranges::fill(to, std::byte{0xff});
  return done;
}

bool UserDevice::write(uint32_t region, uint64_t offset, std::span<const std::byte> from) {
  const Operation operation(*this);
  const size_t at_once = session_->server().transfer;
  bool done = inside(region, offset, from.size());
  for (size_t at = 0; done && at < from.size(); at += at_once) {
    const auto piece = from.subspan(at, std::min(at_once, from.size() - at));
    done = access({Command::kRegionWrite, region, offset + at, piece.size()}, piece, {});
  }
  return done;
}

bool UserDevice::access(const Access& access, std::span<const std::byte> from,
                        std::span<std::byte> to) {
  const RegionAccessMessage message{.offset = access.offset,
                                    .region = access.region,
                                    .count = static_cast<uint32_t>(access.size)};
  // The guest's accesses have up to 8 bytes; only copies of whole registers or ROMs have more.
  std::array<std::byte, sizeof message + 8> small;
  std::vector<std::byte> large;
  const size_t expected = sizeof message + to.size();
  if (expected > small.size()) large.resize(expected);
  const auto room = large.empty() ? std::span<std::byte>(small).first(expected) : std::span(large);
  Connection& connection = session_->connection();
  const Answer answer = session_->call_for_guest(
      {.command = access.command, .payload = bytes_of(message), .data = from}, room);
  if (!answer.arrived || answer.error != 0) return false;
  if (answer.size != expected ||
      std::memcmp(room.data(), bytes_of(message).data(), sizeof message) != 0) {
    connection.fail(fmt::format("it answered a {} of {} bytes at {:#x} of region {} with another",
                                command_name(access.command), access.size, access.offset,
                                access.region));
    return false;
  }
  std::ranges::copy(room.subspan(sizeof message), to.begin());
  return true;
}

MmapRegion UserDevice::map(uint32_t index, RegionPart part) {
  const Region& region = checked_region(index);
  const auto covers = [&](const RegionPart& area) {
    return part.offset >= area.offset && part.size <= area.size &&
           part.offset - area.offset <= area.size - part.size;
  };
  const std::vector<RegionPart> areas =
      region.info.sparse.value_or(std::vector<RegionPart>{{0, region.info.size}});
  const uint64_t page = host_page_size();
  if (!region.info.mappable || part.size == 0 || part.offset % page != 0 || part.size % page != 0 ||
      std::none_of(areas.begin(), areas.end(), covers)) {
    throw_error("[{:#x}, +{:#x}) of region {} of {} cannot be mapped", part.offset, part.size,
                index, name());
  }
  const uint64_t file_offset = region.file_offset + part.offset;
  // The server can still shorten its file; the guest's access fails then.
  if (file_size(region.file.get()) < file_offset + part.size) {
    throw_error("The file of region {} of {} ends before {:#x}", index, name(),
                file_offset + part.size);
  }
  return map_aligned(region.file.get(), file_offset, part);
}

void UserDevice::check_vectors(uint32_t index, uint32_t first, size_t count) const {
  if (index >= irqs_.size()) throw_error("{} has no interrupts {}", name(), index);
  if (first > irqs_[index].count || count > irqs_[index].count - first) {
    throw_error("{} has no interrupts {} to {} of kind {}", name(), first, first + count, index);
  }
}

void UserDevice::set_irqs(const IrqAction& action, std::span<const int> fds) {
  const SetIrqsMessage message{
      .flags = action.flags, .index = action.index, .start = action.first, .count = action.count};
  session_->ask_for_guest(
      {.command = Command::kDeviceSetIrqs, .payload = bytes_of(message), .fds = fds});
}

void UserDevice::set_triggers(uint32_t index, uint32_t first, std::span<const int> event_fds) {
  check_vectors(index, first, event_fds.size());
  if (index == pci_irq::kRequest && !event_fds.empty()) {
    session_->connection().signal_when_gone(event_fds.front());
    if (!server_has_request_) return;
  }
  const Operation operation(*this);
  // A message has descriptors for all of its interrupts or for none, which takes them away.
  for (size_t at = 0; at < event_fds.size();) {
    const bool present = event_fds[at] >= 0;
    const size_t limit = present ? session_->server().message_fds : event_fds.size();
    size_t end = at + 1;
    while (end < event_fds.size() && end - at < limit && (event_fds[end] >= 0) == present) ++end;
    set_irqs({.index = index,
              .first = first + static_cast<uint32_t>(at),
              .count = static_cast<uint32_t>(end - at),
              .flags = kIrqDataEventfd | kIrqActionTrigger},
             present ? event_fds.subspan(at, end - at) : std::span<const int>{});
    at = end;
  }
}

void UserDevice::disable_irqs(uint32_t index) {
  check_vectors(index, 0, 0);
  if (index == pci_irq::kRequest) {
    session_->connection().signal_when_gone(-1);
    if (!server_has_request_) return;
  }
  if (irqs_[index].count == 0) return;
  set_irqs({.index = index, .flags = kIrqDataNone | kIrqActionTrigger});
}

void UserDevice::mask(uint32_t index, uint32_t vector) {
  check_vectors(index, vector, 1);
  set_irqs({.index = index, .first = vector, .count = 1, .flags = kIrqDataNone | kIrqActionMask});
}

void UserDevice::unmask(uint32_t index, uint32_t vector) {
  check_vectors(index, vector, 1);
  set_irqs({.index = index, .first = vector, .count = 1, .flags = kIrqDataNone | kIrqActionUnmask});
}

void UserDevice::set_unmask_event(uint32_t index, uint32_t vector, int event_fd) {
  check_vectors(index, vector, 1);
  const std::array fds = {event_fd};
  set_irqs(
      {.index = index, .first = vector, .count = 1, .flags = kIrqDataEventfd | kIrqActionUnmask},
      event_fd >= 0 ? std::span<const int>(fds) : std::span<const int>{});
}

void UserDevice::end_within(std::chrono::milliseconds limit) {
  session_->connection().fail_in(
      limit, fmt::format("the machine ends, which waits no longer than {} ms", limit.count()));
}

void UserDevice::reset() {
  session_->ask({.command = Command::kDeviceReset});
}

void UserDevice::hot_reset(std::span<const int>) {
  throw_error("{} is on no bus that could be reset", name());
}

}  // namespace lintel::passthrough::user
