// SPDX-License-Identifier: Apache-2.0
// The little that error messages need to know of UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lintel::utf8 {

constexpr bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// The number of code points.
size_t length(std::string_view text);

// The same text with control characters, and bytes that are not UTF-8, as '?': what came out of a
// file must not be able to drive the terminal. Tabs and line ends stay.
std::string printable(std::string_view text);

}  // namespace lintel::utf8
