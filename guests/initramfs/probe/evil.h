// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { kMaxFunctions = 64, kMaxBars = 128, kBarBytes = 24, kPage = 4096 };

struct function {
  char path[80];
  int config_fd;
  unsigned bdf;
  char bars[kBarBytes];  // as the kernel set them
};

struct bar {
  volatile char* base;
  size_t bytes;
};

struct evil {
  uint64_t random;
  int spare_serial;
  int spare_console_function;
  struct function functions[kMaxFunctions];
  unsigned function_count;
  struct bar bars[kMaxBars];
  unsigned bar_count;
  int mem_fd;
  uint64_t ecam;
  uint64_t low_hole;   // the first address above the RAM that is below 4 GiB
  uint64_t high_hole;  // the first address above all RAM
  uint64_t reads;
  uint64_t writes;
  uint64_t refused;  // by the CPU or the machine, of both
};

uint64_t pick(struct evil* evil, uint64_t below);
uint64_t pick_value(struct evil* evil);
// An access of 1, 2, 4 or 8 bytes, usually a write of pick_value().
void memory_access(struct evil* evil, volatile char* at, unsigned size);

// Sets up and notifies the queues of a virtio function: part of what it says is true, so that the
// device believes the rest. Does nothing to other functions.
void virtio_session(struct evil* evil, const struct function* function);
