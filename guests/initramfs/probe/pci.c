// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "pci.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe.h"

enum { kFirstCapability = 0x34, kStandardSpace = 256 };

long interrupts(const char* name) {
  FILE* file = fopen("/proc/interrupts", "re");
  char line[256];
  char first[16];
  long count = -1;
  while (file && fgets(line, sizeof(line), file)) {
    if (sscanf(line, " %15[^:]: %ld", first, &count) == 2 && strcmp(first, name) == 0) break;
    count = -1;
  }
  if (file) fclose(file);
  return count;
}

int wait_interrupt(const char* name, long before) {
  const double start = seconds();
  while (interrupts(name) == before) {
    if (seconds() - start > kLimit) return 1;
  }
  return interrupts(name) != before + 1;
}

long messages(void) {
  return interrupts("RES");
}

int wait_message(long before) {
  return wait_interrupt("RES", before);
}

// From a page's entry in pagemap (Linux, Documentation/admin-guide/mm/pagemap.rst); 0 if that tells
// no address.
static uint64_t physical_address(const void* page) {
  uint64_t entry = 0;
  int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  if (pread(fd, &entry, sizeof(entry), (off_t)((uintptr_t)page / kPage * sizeof(entry))) !=
      (ssize_t)sizeof(entry)) {
    entry = 0;
  }
  close(fd);
  return entry >> 63 ? (entry & ((1ULL << 55) - 1)) * kPage : 0;
}

void* dma_page(uint64_t* address) {
  void* page = mmap(NULL, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED || mlock(page, kPage) != 0) return failed("memory"), NULL;
  *address = physical_address(page);
  if (*address == 0) return wrong("no address for", (uintptr_t)page), NULL;
  return page;
}

volatile char* map_bar(unsigned index, uint64_t* size) {
  char name[] = "resource0";
  name[sizeof(name) - 2] += (char)index;
  const int fd = open(name, O_RDWR | O_CLOEXEC);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0) return MAP_FAILED;
  if (size) *size = (uint64_t)status.st_size;
  void* bar = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  return bar;
}

int open_config(void) {
  return open("config", O_RDWR | O_CLOEXEC);
}

uint32_t config_get(int config, unsigned offset, unsigned size) {
  uint32_t value = 0;
  return pread(config, &value, size, offset) == (ssize_t)size ? value : UINT32_MAX;
}

int config_put(int config, unsigned offset, unsigned size, uint32_t value) {
  return pwrite(config, &value, size, offset) == (ssize_t)size ? 0 : failed("config");
}

unsigned find_capability(int config, uint8_t id) {
  unsigned at = config_get(config, kFirstCapability, 1) & ~3u;
  for (unsigned steps = 0; at != 0 && steps < kStandardSpace / 4; ++steps) {
    const uint32_t header = config_get(config, at, 2);
    if ((header & 0xff) == id) return at;
    at = header >> 8 & ~3u;
  }
  return 0;
}
