// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/utf8.h"

#include <algorithm>

namespace lintel::utf8 {

namespace {

// The length of the sequence that starts the text, or 0 if there is none (RFC 3629 section 4;
// overlong forms and surrogates are let through: this guards terminals, not decoders).
size_t sequence_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  size_t size = 0;
  if (lead < 0x80) {
    size = 1;
  } else if (lead >= 0xc2 && lead <= 0xdf) {
    size = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    size = 3;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    size = 4;
  }
  if (size == 0 || size > text.size()) return 0;
  return std::all_of(text.begin() + 1, text.begin() + static_cast<ptrdiff_t>(size), is_continuation)
             ? size
             : 0;
}

// C0, DEL, and C1 (which UTF-8 spells c2 80 to c2 9f).
bool is_control(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) {
    return (first < 0x20 && first != '\t' && first != '\n') || first == 0x7f;
  }
  return first == 0xc2 && static_cast<unsigned char>(sequence[1]) < 0xa0;
}

}  // namespace

size_t length(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t size = sequence_length(text);
    if (size == 0 || is_control(text.substr(0, size))) {
      out += '?';
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(std::max<size_t>(size, 1));
  }
  return out;
}

}  // namespace lintel::utf8
