// SPDX-License-Identifier: Apache-2.0
// How often accesses to a region exit, and to which of its pages.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

namespace lintel::passthrough::pci {

// The guest chooses the pages, so there are counters for the first few that it touches; further
// ones are in the sum alone. Threads: any; no locks.
class AccessCount {
 public:
  static constexpr uint64_t kPage = 4096;
  static constexpr size_t kPages = 16;

  struct Page {
    uint64_t offset;
    uint64_t accesses;

    bool operator==(const Page&) const = default;
  };

  void count(uint64_t offset) {
    total_.fetch_add(1, std::memory_order_relaxed);
    // 0 is a free counter.
    const uint64_t key = offset / kPage + 1;
    for (Counter& counter : pages_) {
      uint64_t owner = counter.key.load(std::memory_order_relaxed);
      if (owner == 0 && counter.key.compare_exchange_strong(owner, key)) owner = key;
      if (owner != key) continue;
      counter.accesses.fetch_add(1, std::memory_order_relaxed);
      return;
    }
  }

  uint64_t total() const { return total_.load(std::memory_order_relaxed); }
  // The `most` with the most accesses, the first of them first.
  std::vector<Page> top(size_t most) const {
    std::vector<Page> pages;
    for (const Counter& counter : pages_) {
      const uint64_t key = counter.key.load(std::memory_order_relaxed);
      if (key == 0) break;
      pages.push_back({(key - 1) * kPage, counter.accesses.load(std::memory_order_relaxed)});
    }
    std::sort(pages.begin(), pages.end(), [](const Page& a, const Page& b) {
      return a.accesses != b.accesses ? a.accesses > b.accesses : a.offset < b.offset;
    });
    if (pages.size() > most) pages.resize(most);
    return pages;
  }

 private:
  struct Counter {
    std::atomic<uint64_t> key{0};
    std::atomic<uint64_t> accesses{0};
  };

  std::atomic<uint64_t> total_{0};
  std::array<Counter, kPages> pages_;
};

}  // namespace lintel::passthrough::pci
