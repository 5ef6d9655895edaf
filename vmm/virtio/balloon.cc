// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio/balloon.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/epoll.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>

#include "vmm/base/endian.h"
#include "vmm/virtio/serve.h"

namespace lintel::virtio {
namespace {

// 5.5.3
constexpr uint64_t kFeatureDeflateOnOom = 1ull << 2;
constexpr uint64_t kFeatureReporting = 1ull << 5;

constexpr uint64_t kPage = 4 * kKiB;  // 5.5.6: whatever the guest's own page size
constexpr uint16_t kQueueSize = 128;
// Linux gives up to 32 ranges in one request.
constexpr uint16_t kReportQueueSize = 32;

// More page numbers in one request than any driver sends are left alone.
constexpr size_t kMaxPagesPerRequest = 4096;

// 5.5.2 numbers all five queues; Linux drivers leave out the numbers of queues whose feature was
// not offered. Each finds its reporting queue.
constexpr size_t kInflateQueue = 0;
constexpr size_t kDeflateQueue = 1;
constexpr size_t kReportQueueLinux = 2;
constexpr size_t kReportQueue = 4;

}  // namespace

Balloon::Balloon(EventLoop& loop, const BalloonOptions& options)
    : loop_(loop), reporting_(options.free_page_reporting), host_page_(options.host_page) {}

uint64_t Balloon::features() const {
  return kFeatureDeflateOnOom | (reporting_ ? kFeatureReporting : 0);
}

std::vector<uint16_t> Balloon::queue_sizes() const {
  if (!reporting_) return {kQueueSize, kQueueSize};
  return {kQueueSize, kQueueSize, kReportQueueSize, kReportQueueSize, kReportQueueSize};
}

void Balloon::set_target(uint64_t bytes) {
  Interrupts* interrupts = nullptr;
  {
    MutexLock lock(mutex_);
    target_pages_ = static_cast<uint32_t>(std::min<uint64_t>(bytes / kPage, UINT32_MAX));
    interrupts = interrupts_;
  }
  if (interrupts != nullptr) interrupts->config_interrupt();
}

uint64_t Balloon::actual() const {
  MutexLock lock(mutex_);
  return actual_pages_ * kPage;
}

void Balloon::read_config(uint64_t offset, std::span<std::byte> to) {
  // 5.5.4: le32 num_pages, le32 actual.
  std::array<std::byte, kConfigBytes> config;
  {
    MutexLock lock(mutex_);
    store_le(&config[0], target_pages_);
    store_le(&config[4], actual_pages_);
  }
  for (size_t i = 0; i < to.size(); ++i) {
    to[i] = offset + i < config.size() ? config[offset + i] : std::byte{0};
  }
}

void Balloon::write_config(uint64_t offset, std::span<const std::byte> from) {
  if (offset != 4 || from.size() != 4) return;
  MutexLock lock(mutex_);
  actual_pages_ = load_le<uint32_t>(from.data());
}

void Balloon::watch(Queue* queue, void (Balloon::*handle)(const Chain&)) {
  if (queue == nullptr) return;
  loop_.add(queue->kick().get(), EPOLLIN, [this, queue, handle](uint32_t) {
    queue->kick().consume();
    Interrupts* interrupts = nullptr;
    {
      MutexLock lock(mutex_);
      interrupts = interrupts_;
    }
    serve(*queue, *interrupts, [&](const Chain& chain) -> std::optional<uint32_t> {
      (this->*handle)(chain);
      return 0;
    });
  });
  watched_.push_back(queue->kick().get());
}

void Balloon::activate(const Activation& activation) {
  {
    MutexLock lock(mutex_);
    interrupts_ = activation.interrupts;
  }
  loop_.run_sync([&] {
    memory_ = activation.memory;
    const auto& queues = activation.queues;
    watch(queues.at(kInflateQueue), &Balloon::inflate);
    watch(queues.at(kDeflateQueue), &Balloon::deflate);
    if ((activation.features & kFeatureReporting) == 0) return;
    watch(queues.at(kReportQueueLinux), &Balloon::report);
    watch(queues.at(kReportQueue), &Balloon::report);
  });
}

void Balloon::reset() {
  loop_.run_sync([this] {
    for (const int fd : watched_) loop_.remove(fd);
    watched_.clear();
    memory_ = nullptr;
  });
  MutexLock lock(mutex_);
  interrupts_ = nullptr;
  actual_pages_ = 0;
}

// The request is an array of le32 page numbers (5.5.6).
void Balloon::inflate(const Chain& chain) {
  std::array<uint32_t, 256> numbers;
  for (size_t done = 0; done < kMaxPagesPerRequest; done += numbers.size()) {
    const size_t bytes = chain.read(done * 4, std::as_writable_bytes(std::span(numbers)));
    const size_t count = bytes / 4;
    // Runs of neighbours, so that a batch costs few system calls.
    for (size_t first = 0; first < count;) {
      size_t end = first + 1;
      uint64_t low = numbers[first];
      uint64_t high = low + 1;
      for (; end < count; ++end) {
        if (numbers[end] == high) {
          ++high;
        } else if (uint64_t{numbers[end]} + 1 == low) {
          --low;
        } else {
          break;
        }
      }
      give_back(memory_->slice(GuestAddress(low * kPage), (high - low) * kPage));
      first = end;
    }
    if (count < numbers.size()) return;
  }
}

// The buffers are the free pages themselves (5.5.6.5).
void Balloon::report(const Chain& chain) {
  for (const auto& free : chain.writable) give_back(free);
}

void Balloon::give_back(std::span<std::byte> memory) {
  if (memory.empty()) return;
  for (const RamRegion& region : memory_->regions()) {
    std::byte* const base = region.mapping.data();
    if (memory.data() < base || memory.data() >= base + region.mapping.size()) continue;
    // Whole pages of the host inside only: the rest is somebody else's, and madvise(2) would take
    // all of the last page.
    const uint64_t begin = align_up(static_cast<uint64_t>(memory.data() - base), host_page_);
    const uint64_t end =
        align_down(static_cast<uint64_t>(memory.data() - base) + memory.size(), host_page_);
    if (begin >= end) return;
    // Huge pages that are taken in part refuse; the guest loses nothing by that.
    if (region.memfd) {
      fallocate(region.memfd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                static_cast<off_t>(region.memfd_offset + begin), static_cast<off_t>(end - begin));
    } else {
      madvise(base + begin, end - begin, MADV_DONTNEED);
    }
    return;
  }
}

}  // namespace lintel::virtio
