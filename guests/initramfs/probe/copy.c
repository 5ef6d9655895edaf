// SPDX-License-Identifier: Apache-2.0
// copy_device SYSFS-FOLDER: drives the device of tests/fakes/copy_device.h, which another process
// of the host serves, from user space. The device counts the accesses that reach it: those to
// mapped pieces must not.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pci.h"
#include "probe.h"

enum {
  kMagic = 0x00,
  kTrappedReads = 0x04,
  kTrappedWrites = 0x08,
  kDoorbell = 0x10,
  kSource = 0x20,
  kDestination = 0x28,
  kLength = 0x30,
  kGo = 0x34,
  kStatus = 0x38,
  kTable = 0x8000,
};
enum { kGoStart = 1, kGoMessages = 2, kGoLater = 4, kGoInterrupt = 8 };
enum { kBar2Size = 0x200000, kCopySize = 2048 };
enum { kStatusDone = 1 };
enum { kMsixControl = 0x42, kMsixEnable = 0x8000 };
static const uint32_t kMagicValue = 0x4c544c43;

struct device {
  volatile char* bar0;
  volatile char* bar2;
  int config;
};

static uint32_t get(const struct device* device, unsigned offset) {
  return *(volatile uint32_t*)(device->bar0 + offset);
}

static void put(const struct device* device, unsigned offset, uint32_t value) {
  *(volatile uint32_t*)(device->bar0 + offset) = value;
}

static int holds_pattern(volatile char* memory, size_t size, uint64_t seed) {
  fill_pattern((void*)memory, size, seed, 0);
  return matches_pattern((void*)memory, size, seed, 0);
}

static int check_mapped(const struct device* device) {
  const struct {
    volatile char* memory;
    size_t size;
  } pieces[] = {{device->bar0 + 0x1000, 0x2000},
                {device->bar0 + 0x4000, kPage},
                {device->bar0 + 0xa000, 0x6000},
                {device->bar2, kBar2Size}};
  const uint32_t reads = get(device, kTrappedReads);
  const uint32_t writes = get(device, kTrappedWrites);
  for (unsigned i = 0; i < sizeof(pieces) / sizeof(pieces[0]); ++i) {
    if (!holds_pattern(pieces[i].memory, pieces[i].size, i + 1)) return wrong("mapped piece", i);
  }
  if (get(device, kTrappedReads) != reads || get(device, kTrappedWrites) != writes) {
    return wrong("trapped accesses to mapped pieces",
                 get(device, kTrappedReads) - reads + get(device, kTrappedWrites) - writes);
  }
  return 0;
}

// A piece that is never mapped, the half page behind a mapped one, and the one in front of it whose
// page is not the device's alone.
static int check_trapped(const struct device* device) {
  const unsigned offsets[] = {0x3000, 0x3ffc, 0x5000, 0x57fc, 0x5800, 0x9ffc};
  const uint32_t count = sizeof(offsets) / sizeof(offsets[0]);
  const uint32_t reads = get(device, kTrappedReads);
  const uint32_t writes = get(device, kTrappedWrites);
  for (uint32_t i = 0; i < count; ++i) put(device, offsets[i], 0x1000 + i);
  for (uint32_t i = 0; i < count; ++i) {
    if (get(device, offsets[i]) != 0x1000 + i) return wrong("trapped piece", offsets[i]);
  }
  if (get(device, kTrappedReads) - reads != count) {
    return wrong("trapped reads", get(device, kTrappedReads) - reads);
  }
  if (get(device, kTrappedWrites) - writes != count) {
    return wrong("trapped writes", get(device, kTrappedWrites) - writes);
  }
  return 0;
}

static void set_vector(const struct device* device, unsigned vector, uint32_t masked) {
  const unsigned entry = kTable + 16 * vector;
  put(device, entry, kMessageAddress);
  put(device, entry + 4, 0);
  put(device, entry + 8, kRescheduleVector);
  put(device, entry + 12, masked);
}

static int check_messages(const struct device* device) {
  const unsigned vectors[] = {0, 5, 15};
  for (unsigned vector = 0; vector < 16; ++vector) set_vector(device, vector, 1);
  if (config_put(device->config, kMsixControl, 2, kMsixEnable)) return 1;
  for (unsigned i = 0; i < sizeof(vectors) / sizeof(vectors[0]); ++i) {
    set_vector(device, vectors[i], 0);
    const long before = messages();
    put(device, kDoorbell, vectors[i]);
    if (wait_message(before)) return wrong("no interrupt of vector", vectors[i]);
  }
  // One that is masked waits until it is not.
  set_vector(device, 5, 1);
  const long before = messages();
  put(device, kDoorbell, 5);
  put(device, kDoorbell, 0);  // comes behind it
  if (wait_message(before)) return wrong("interrupts with one masked", (uint64_t)messages());
  set_vector(device, 5, 0);
  if (wait_message(before + 1)) return wrong("no interrupt after the mask, of vector", 5);
  return 0;
}

static int check_copy(const struct device* device, char* page, uint64_t address, uint32_t how) {
  fill_pattern(page, kCopySize, how + 10, 0);
  memset(page + kCopySize, 0, kCopySize);
  put(device, kSource, (uint32_t)address);
  put(device, kSource + 4, (uint32_t)(address >> 32));
  put(device, kDestination, (uint32_t)(address + kCopySize));
  put(device, kDestination + 4, (uint32_t)((address + kCopySize) >> 32));
  put(device, kLength, kCopySize);
  const long before = messages();
  put(device, kGo, kGoStart | kGoInterrupt | how);
  if (wait_message(before)) return wrong("no interrupt of copy", how);
  if (get(device, kStatus) != kStatusDone) return wrong("copy ended with", get(device, kStatus));
  if (!matches_pattern(page + kCopySize, kCopySize, how + 10, 0)) return wrong("wrong copy", how);
  return 0;
}

static int check_copies(const struct device* device) {
  uint64_t address;
  char* page = dma_page(&address);
  if (!page) return 1;
  const uint32_t ways[] = {0, kGoMessages, kGoLater, kGoLater | kGoMessages};
  for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); ++i) {
    if (check_copy(device, page, address, ways[i])) return 1;
  }
  return 0;
}

int probe_copy_device(int argc, char** argv) {
  if (argc < 2) return fputs("usage: copy_device SYSFS-FOLDER\n", stderr), 2;
  if (chdir(argv[1]) != 0) return failed(argv[1]);
  const struct device device = {
      .bar0 = map_bar(0, NULL), .bar2 = map_bar(2, NULL), .config = open_config()};
  if (device.bar0 == MAP_FAILED || device.bar2 == MAP_FAILED || device.config < 0) {
    return failed("resource0, resource2, config");
  }
  if (config_put(device.config, kCommandRegister, 2, kMasterOn | kMemoryOn)) return 1;
  if (get(&device, kMagic) != kMagicValue) return wrong("magic", get(&device, kMagic));
  if (check_mapped(&device) || check_trapped(&device) || check_messages(&device) ||
      check_copies(&device)) {
    return 1;
  }
  puts("mapped and trapped pieces, messages, copies");
  return 0;
}
