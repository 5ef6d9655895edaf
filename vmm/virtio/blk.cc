// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/blk.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <utility>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"
#include "vmm/virtio/serve.h"

namespace lintel::virtio {
namespace {

constexpr uint64_t kSector = 512;

// 5.2.3
constexpr uint64_t kFeatureSegMax = 1ull << 2;
constexpr uint64_t kFeatureReadOnly = 1ull << 5;
constexpr uint64_t kFeatureBlockSize = 1ull << 6;
constexpr uint64_t kFeatureFlush = 1ull << 9;
constexpr uint64_t kFeatureTopology = 1ull << 10;
constexpr uint64_t kFeatureDiscard = 1ull << 13;
constexpr uint64_t kFeatureWriteZeroes = 1ull << 14;

// 5.2.6
constexpr uint32_t kTypeIn = 0;
constexpr uint32_t kTypeOut = 1;
constexpr uint32_t kTypeFlush = 4;
constexpr uint32_t kTypeGetId = 8;
constexpr uint32_t kTypeDiscard = 11;
constexpr uint32_t kTypeWriteZeroes = 13;
constexpr size_t kHeaderBytes = 16;  // le32 type, le32 reserved, le64 sector
constexpr size_t kIdBytes = 20;
constexpr size_t kRangeBytes = 16;  // le64 sector, le32 num_sectors, le32 flags
constexpr uint32_t kRangeUnmap = 1;

constexpr uint32_t kMaxDiscardSectors = 4u << 20;  // 2 GiB
// Where the host's file system cannot, they are written by the loop's thread.
constexpr uint32_t kMaxZeroSectors = 64u << 10;  // 32 MiB

// Appends the parts of `spans` from `skip` bytes on, `length` bytes in all.
void append_buffers(std::vector<iovec>& to, const std::vector<std::span<std::byte>>& spans,
                    uint64_t skip, uint64_t length) {
  for (const auto& span : spans) {
    if (skip >= span.size()) {
      skip -= span.size();
      continue;
    }
    const uint64_t count = std::min<uint64_t>(span.size() - skip, length);
    if (count == 0) break;
    to.push_back({span.data() + skip, count});
    length -= count;
    skip = 0;
  }
}

}  // namespace

Blk::Blk(EventLoop& loop, const BlkOptions& options)
    : loop_(loop),
      disk_(options.disk),
      discard_(options.discard && !options.disk.readonly),
      serial_(options.serial.substr(0, kIdBytes)),
      engine_(make_disk_engine(
          disk_, kQueueSize, [this](DiskIo& io, int error) { done(io, error); }, options.engine)) {
  free_.reserve(kQueueSize);
}

Blk::~Blk() {
  reset();
}

uint64_t Blk::features() const {
  uint64_t features = kFeatureSegMax | kFeatureBlockSize | kFeatureTopology | kFeatureFlush;
  if (disk_.readonly()) return features | kFeatureReadOnly;
  features |= kFeatureWriteZeroes;
  return discard_ ? features | kFeatureDiscard : features;
}

void Blk::read_config(uint64_t offset, std::span<std::byte> to) {
  // 5.2.4, struct virtio_blk_config.
  std::array<std::byte, kConfigBytes> config{};
  const DiskGeometry& geometry = disk_.geometry();
  const auto put = [&](size_t at, auto value) { store_le(&config[at], value); };
  const uint32_t physical_sectors = geometry.physical_block / kSector;
  const auto exponent =
      static_cast<uint8_t>(std::countr_zero(geometry.physical_block / geometry.logical_block));
  put(0, uint64_t{geometry.bytes / kSector});
  put(12, uint32_t{kQueueSize - 2});  // seg_max: without header and status
  put(20, geometry.logical_block);
  put(24, exponent);  // physical_block_exp
  put(26, static_cast<uint16_t>(geometry.physical_block / geometry.logical_block));  // min_io_size
  put(36, discard_ ? kMaxDiscardSectors : 0u);
  put(40, discard_ ? 1u : 0u);  // max_discard_seg
  put(44, physical_sectors);    // discard_sector_alignment
  put(48, disk_.readonly() ? 0u : kMaxZeroSectors);
  put(52, disk_.readonly() ? 0u : 1u);      // max_write_zeroes_seg
  put(56, static_cast<uint8_t>(discard_));  // write_zeroes_may_unmap
  for (size_t i = 0; i < to.size(); ++i) {
    to[i] = offset + i < config.size() ? config[offset + i] : std::byte{0};
  }
}

void Blk::activate(const Activation& activation) {
  loop_.run_sync([&] {
    queue_ = activation.queues.at(0);
    interrupts_ = activation.interrupts;
    write_through_ = (activation.features & kFeatureFlush) == 0;
    if (queue_ == nullptr) return;
    loop_.add(queue_->kick().get(), EPOLLIN, [this](uint32_t) {
      queue_->kick().consume();
      serve_queue();
    });
    if (engine_->completion_fd() >= 0) {
      loop_.add(engine_->completion_fd(), EPOLLIN, [this](uint32_t) { completed(); });
    }
  });
}

void Blk::reset() {
  loop_.run_sync([this] {
    if (queue_ == nullptr) return;
    loop_.remove(queue_->kick().get());
    if (engine_->completion_fd() >= 0) loop_.remove(engine_->completion_fd());
    if (retry_timer_ != 0) loop_.cancel_timer(std::exchange(retry_timer_, 0));
    engine_->drain();
    queue_ = nullptr;
    interrupts_ = nullptr;
    starved_ = false;
  });
}

void Blk::serve_queue() {
  starved_ = false;
  queue_->disable_notifications();
  bool more = true;
  for (unsigned left = kServeBudget; more && left != 0; --left) {
    if (free_.empty() && requests_.size() < kQueueSize) {
      requests_.push_back(std::make_unique<Request>());
      free_.push_back(requests_.back().get());
    }
    if (free_.empty()) {
      // A driver that gives more than the queue holds waits until others are done.
      starved_ = true;
      more = false;
    } else if (const Chain* chain = queue_->pop()) {
      start(*chain);
    } else {
      more = queue_->enable_notifications();
      if (more) queue_->disable_notifications();
    }
  }
  if (more) queue_->kick().signal();
  submit();
  interrupt();
}

void Blk::start(const Chain& chain) {
  Request& request = *free_.back();
  free_.pop_back();
  request.head = chain.head;
  request.data_bytes = 0;
  request.status = nullptr;
  request.io.buffers.clear();
  request.io.first = 0;
  request.io.offset = request.io.length = 0;
  request.io.durable = write_through_;
  request.io.may_unmap = false;

  // The status is the last byte that the device may write (5.2.6).
  const uint64_t writable = chain.writable_bytes();
  if (writable != 0) request.status = &chain.writable.back().back();
  request.room = writable - 1;
  const std::optional<Status> status = parse(chain, request);
  if (status) return finish(request, *status);
  engine_->start(request.io);
}

std::optional<Blk::Status> Blk::parse(const Chain& chain, Request& request) {
  std::array<std::byte, kHeaderBytes> header;
  if (request.status == nullptr || chain.read(0, header) != header.size()) return Status::kIoError;
  const auto type = load_le<uint32_t>(&header[0]);
  const auto sector = load_le<uint64_t>(&header[8]);
  switch (type) {
    case kTypeIn: return parse_transfer(chain, sector, false, request);
    case kTypeOut: return parse_transfer(chain, sector, true, request);
    case kTypeGetId: return give_id(chain, request);
    case kTypeDiscard: return parse_ranges(chain, true, request);
    case kTypeWriteZeroes: return parse_ranges(chain, false, request);
    case kTypeFlush: request.io.kind = DiskIo::Kind::kFlush; return std::nullopt;
    default: return Status::kUnsupported;
  }
}

std::optional<Blk::Status> Blk::parse_transfer(const Chain& chain, uint64_t sector, bool write,
                                               Request& request) {
  if (write && disk_.readonly()) return Status::kIoError;
  const uint64_t length = write ? chain.readable_bytes() - kHeaderBytes : request.room;
  const DiskGeometry& geometry = disk_.geometry();
  if (sector > geometry.bytes / kSector) return Status::kIoError;
  const uint64_t offset = sector * kSector;
  if (length > geometry.bytes - offset || length % geometry.logical_block != 0 ||
      offset % geometry.logical_block != 0) {
    return Status::kIoError;
  }
  if (length == 0) return Status::kOk;
  request.io.kind = write ? DiskIo::Kind::kWrite : DiskIo::Kind::kRead;
  request.io.offset = offset;
  request.io.length = length;
  if (write) {
    append_buffers(request.io.buffers, chain.readable, kHeaderBytes, length);
  } else {
    append_buffers(request.io.buffers, chain.writable, 0, length);
    request.data_bytes = static_cast<uint32_t>(length);
  }
  return std::nullopt;
}

std::optional<Blk::Status> Blk::parse_ranges(const Chain& chain, bool discard, Request& request) {
  if (disk_.readonly()) return Status::kIoError;
  if (discard && !discard_) return Status::kUnsupported;
  // One range a request, as max_discard_seg and max_write_zeroes_seg say.
  std::array<std::byte, kRangeBytes> range;
  if (chain.readable_bytes() != kHeaderBytes + kRangeBytes) return Status::kIoError;
  chain.read(kHeaderBytes, range);
  const auto sector = load_le<uint64_t>(&range[0]);
  const auto count = load_le<uint32_t>(&range[8]);
  const auto flags = load_le<uint32_t>(&range[12]);
  // 5.2.6.2: reserved bits, and unmap with a discard, are unsupported.
  if ((flags & ~kRangeUnmap) != 0 || (discard && flags != 0)) return Status::kUnsupported;
  const uint64_t capacity = disk_.geometry().bytes / kSector;
  if (sector > capacity || count > capacity - sector) return Status::kIoError;
  if (count > (discard ? kMaxDiscardSectors : kMaxZeroSectors)) return Status::kIoError;
  const uint64_t block = disk_.geometry().logical_block / kSector;
  if (sector % block != 0 || count % block != 0) return Status::kIoError;
  if (count == 0) return Status::kOk;
  request.io.kind = discard ? DiskIo::Kind::kDiscard : DiskIo::Kind::kWriteZeroes;
  request.io.may_unmap = discard_ && (flags & kRangeUnmap) != 0;
  request.io.offset = sector * kSector;
  request.io.length = count * kSector;
  return std::nullopt;
}

Blk::Status Blk::give_id(const Chain& chain, Request& request) {
  // 5.2.6: the serial, filled with zeroes; not terminated if it has all 20 bytes.
  std::array<char, kIdBytes> id{};
  std::copy(serial_.begin(), serial_.end(), id.begin());
  const auto size = static_cast<size_t>(std::min<uint64_t>(request.room, id.size()));
  chain.write(0, std::as_bytes(std::span(id)).first(size));
  request.data_bytes = static_cast<uint32_t>(size);
  return Status::kOk;
}

void Blk::done(DiskIo& io, int error) {
  static_assert(offsetof(Request, io) == 0);
  auto& request = *reinterpret_cast<Request*>(&io);
  if (error != 0) {
    failures_.warn("disk {}: the host's {} failed: {}", disk_.path(),
                   io.kind == DiskIo::Kind::kRead ? "read" : "write", errno_text(error));
  }
  finish(request, error == 0 ? Status::kOk : Status::kIoError);
}

void Blk::finish(Request& request, Status status) {
  uint32_t written = 0;
  if (request.status != nullptr) {
    *request.status = static_cast<std::byte>(status);
    // 2.7.8.2: what was surely written, counted from the start; so the status counts only if there
    // is no gap before it.
    if (status == Status::kOk) written = request.data_bytes;
    if (written == request.room) ++written;
  }
  queue_->push(request.head, written);
  free_.push_back(&request);
}

void Blk::submit() {
  if (engine_->submit() || retry_timer_ != 0) return;
  retry_timer_ = loop_.add_timer(std::chrono::milliseconds(1), [this] {
    retry_timer_ = 0;
    submit();
  });
}

void Blk::completed() {
  engine_->reap();
  submit();  // what goes on after a short transfer
  interrupt();
  if (starved_) serve_queue();
}

void Blk::interrupt() {
  if (queue_->should_interrupt()) interrupts_->queue_interrupt(queue_->index());
}

}  // namespace lintel::virtio
