// SPDX-License-Identifier: Apache-2.0
#include "vmm/devices/pvpanic.h"

namespace lintel {
namespace {

constexpr uint64_t kPanicked = 1 << 0;
constexpr uint64_t kCrashLoaded = 1 << 1;
constexpr uint64_t kShutdown = 1 << 2;

}  // namespace

uint64_t Pvpanic::read(uint64_t offset, AccessSize) {
  return offset == 0 ? kPanicked | kCrashLoaded | kShutdown : 0;
}

void Pvpanic::write(uint64_t offset, AccessSize, uint64_t value) {
  if (offset != 0) return;
  if ((value & kPanicked) != 0) {
    events_.guest_panicked();
  } else if ((value & kCrashLoaded) != 0) {
    events_.guest_crash_loaded();
  } else if ((value & kShutdown) != 0) {
    events_.guest_shutting_down();
  }
}

}  // namespace lintel
