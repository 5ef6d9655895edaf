// SPDX-License-Identifier: Apache-2.0
#include "vmm/memory/populate.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>
#include <vector>

#include "vmm/base/error.h"
#include "vmm/base/mmap_region.h"

namespace lintel {
namespace {

// Gives an errno, or 0.
int populate_piece(std::span<std::byte> piece) {
  if (madvise(piece.data(), piece.size(), MADV_POPULATE_WRITE) == 0) return 0;
  if (errno != EINVAL) return errno;
  // Linux before 5.14 lacks MADV_POPULATE_WRITE.
  touch_pages(piece);
  return 0;
}

}  // namespace

// A write of what is there already: a guest may write to the same byte at any time.
void touch_pages(std::span<std::byte> memory) {
  for (size_t offset = 0; offset < memory.size(); offset += host_page_size()) {
    const std::atomic_ref byte(reinterpret_cast<unsigned char&>(memory[offset]));
    unsigned char value = byte.load(std::memory_order_relaxed);
    byte.compare_exchange_strong(value, value, std::memory_order_relaxed);
  }
}

unsigned populate_threads() {
  // More wait for the kernel's locks, and for the memory itself.
  constexpr unsigned kMost = 8;
  return std::clamp(std::thread::hardware_concurrency(), 1u, kMost);
}

void populate(std::span<std::byte> memory, const PopulateOptions& options) {
  std::atomic<uint64_t> next{0};
  std::atomic<uint64_t> done{0};
  std::atomic<int> failure{0};
  std::atomic<bool> cancelled{false};
  const auto work = [&](bool tells) {
    while (failure == 0 && !cancelled) {
      if (options.cancelled && options.cancelled()) {
        cancelled = true;
        return;
      }
      const uint64_t begin = next.fetch_add(options.piece);
      if (begin >= memory.size()) return;
      const uint64_t size = std::min<uint64_t>(options.piece, memory.size() - begin);
      if (const int error = populate_piece(memory.subspan(begin, size)); error != 0) {
        failure = error;
      }
      done += size;
      if (tells && options.progress) options.progress(done);
    }
  };
  {
    std::vector<std::jthread> helpers;
    const uint64_t pieces = (memory.size() + options.piece - 1) / options.piece;
    const uint64_t count = std::min<uint64_t>(options.threads, pieces);
    for (uint64_t i = 1; i < count; ++i) helpers.emplace_back(work, false);
    work(true);
  }
  if (cancelled) {
    throw_error("Given up after {} of {} MiB of memory were allocated", done / kMiB,
                memory.size() / kMiB);
  }
  if (failure != 0) throw_errno(failure, "Cannot allocate {} bytes up front", memory.size());
}

}  // namespace lintel
