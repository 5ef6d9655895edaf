// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace lintel::config {

// The number of insertions, deletions, replacements and swaps of neighbours from one to the other.
// Texts are cut at 32 bytes.
unsigned edit_distance(std::string_view a, std::string_view b);

// The candidate that a misspelt word most probably means, or an empty view.
std::string_view closest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace lintel::config
