// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/escape_filter.h"

#include <utility>

namespace lintel {

EscapeFilter::Result EscapeFilter::feed(std::span<const std::byte> typed) {
  constexpr std::byte kEscape{0x01};
  Result result;
  for (const std::byte key : typed) {
    if (!std::exchange(escaped_, false)) {
      if (key == kEscape) {
        escaped_ = true;
      } else {
        result.keys.push_back(key);
      }
      continue;
    }
    if (key == kEscape) {
      result.keys.push_back(kEscape);
    } else if (key == std::byte{'x'}) {
      result.quit = true;
      return result;
    } else if (key == std::byte{'?'}) {
      result.help = true;
    } else {
      result.keys.push_back(kEscape);
      result.keys.push_back(key);
    }
  }
  return result;
}

}  // namespace lintel
