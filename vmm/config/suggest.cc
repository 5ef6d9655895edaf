// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/suggest.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace lintel::config {

namespace {
constexpr size_t kMaxLength = 32;
}

unsigned edit_distance(std::string_view a, std::string_view b) {
  a = a.substr(0, kMaxLength);
  b = b.substr(0, kMaxLength);
  // Optimal string alignment: rows for the prefixes of a with one, two fewer characters.
  using Row = std::array<unsigned, kMaxLength + 1>;
  Row before{};
  Row previous{};
  Row current{};
  for (size_t j = 0; j <= b.size(); ++j) previous[j] = static_cast<unsigned>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    current[0] = static_cast<unsigned>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const unsigned replace = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
    }
    before = previous;
    previous = current;
  }
  return previous[b.size()];
}

std::string_view closest(std::string_view word, std::span<const std::string_view> candidates) {
  // One mistake in three characters still looks like the word; more looks like another one.
  const auto limit = static_cast<unsigned>(std::max<size_t>(1, word.size() / 3));
  std::string_view best;
  unsigned best_distance = limit + 1;
  for (const std::string_view candidate : candidates) {
    const unsigned distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace lintel::config
