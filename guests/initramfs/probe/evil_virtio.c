// SPDX-License-Identifier: Apache-2.0
// Random words hardly ever make a virtio device look at a queue. This driver keeps to the
// initialisation sequence (virtio 1.2, 3.1.1) and lies in the details: sizes, addresses, descriptor
// flags and chains, indices, vectors, notifications. What the device is told to write to is either
// memory that this process owns or no memory at all, so the guest survives a correct device.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evil.h"
#include "probe.h"

// virtio 1.2, 4.1.4: capability, and 4.1.4.3: common configuration.
enum {
  kCapabilities = 0x34,
  kVendorCapability = 9,
  kCommonConfig = 1,
  kNotifyConfig = 2,
  kDeviceFeatureSelect = 0x00,
  kDeviceFeature = 0x04,
  kDriverFeatureSelect = 0x08,
  kDriverFeature = 0x0c,
  kConfigVector = 0x10,
  kQueueCount = 0x12,
  kStatus = 0x14,
  kQueueSelect = 0x16,
  kQueueSize = 0x18,
  kQueueVector = 0x1a,
  kQueueEnable = 0x1c,
  kQueueAddresses = 0x20,
};

enum { kAcknowledge = 1, kDriver = 2, kDriverOk = 4, kFeaturesOk = 8 };
enum { kNext = 1, kWrite = 2, kIndirect = 4 };
// With at most 256 entries each part of a queue fits into one page.
enum { kMaxQueues = 4, kSafeQueueSize = 256, kPages = 4 };

struct descriptor {
  uint64_t address;
  uint32_t length;
  uint16_t flags;
  uint16_t next;
};

struct mapping {
  volatile char* base;
  size_t bytes;
};

// Descriptor table, available ring, used ring and data: a page each, with physical addresses.
struct queue_memory {
  char* page[kPages];
  uint64_t physical[kPages];
};

static int make_queue_memory(struct queue_memory* memory) {
  int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  char* pages = mmap(NULL, kPages * kPage, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE | MAP_LOCKED, -1, 0);
  int ok = pagemap >= 0 && pages != MAP_FAILED;
  for (int i = 0; ok && i < kPages; ++i) {
    uint64_t entry = 0;
    memory->page[i] = pages + i * kPage;
    memset(memory->page[i], 0, kPage);
    off_t offset = (uintptr_t)memory->page[i] / kPage * sizeof(entry);
    ok = pread(pagemap, &entry, sizeof(entry), offset) == sizeof(entry) && entry >> 63;
    // Linux Documentation/admin-guide/mm/pagemap.rst: bits 0 to 54 are the frame.
    memory->physical[i] = (entry & ((1ULL << 55) - 1)) * kPage;
    ok = ok && memory->physical[i] != 0;
  }
  if (pagemap >= 0) close(pagemap);
  return ok;
}

static struct mapping map_structure(const struct function* function, unsigned wanted) {
  unsigned char config[256];
  struct mapping none = {NULL, 0};
  if (pread(function->config_fd, config, sizeof(config), 0) != sizeof(config)) return none;
  if (config[0] != 0xf4 || config[1] != 0x1a) return none;
  // The list may be a loop by now.
  unsigned at = config[kCapabilities];
  for (int hops = 0; at >= 0x40 && at <= sizeof(config) - 16 && hops < 48; ++hops) {
    uint32_t offset, length;
    memcpy(&offset, &config[at + 8], sizeof(offset));
    memcpy(&length, &config[at + 12], sizeof(length));
    if (config[at] == kVendorCapability && config[at + 3] == wanted) {
      char path[128];
      struct stat status;
      snprintf(path, sizeof(path), "%s/resource%u", function->path, config[at + 4]);
      int fd = open(path, O_RDWR | O_CLOEXEC);
      if (fd < 0) return none;
      void* base = MAP_FAILED;
      if (fstat(fd, &status) == 0 && (uint64_t)offset + length <= (uint64_t)status.st_size) {
        base = mmap(NULL, (length + kPage - 1) & ~(kPage - 1), PROT_READ | PROT_WRITE, MAP_SHARED,
                    fd, offset & ~(kPage - 1));
      }
      close(fd);
      if (base == MAP_FAILED) return none;
      return (struct mapping){(volatile char*)base + offset % kPage, length};
    }
    at = config[at + 1];
  }
  return none;
}

static void unmap(struct mapping mapping) {
  uintptr_t base = (uintptr_t)mapping.base & ~(uintptr_t)(kPage - 1);
  if (mapping.base != NULL) munmap((void*)base, (mapping.bytes + kPage - 1) & ~(kPage - 1));
}

static void put8(struct mapping at, unsigned offset, uint8_t value) {
  *(volatile uint8_t*)(at.base + offset) = value;
}
static void put16(struct mapping at, unsigned offset, uint16_t value) {
  *(volatile uint16_t*)(at.base + offset) = value;
}
static void put32(struct mapping at, unsigned offset, uint32_t value) {
  *(volatile uint32_t*)(at.base + offset) = value;
}
static uint32_t get32(struct mapping at, unsigned offset) {
  return *(volatile uint32_t*)(at.base + offset);
}

// Where there is no RAM, with addresses whose end overflows among them.
static uint64_t pick_hole(struct evil* evil) {
  switch (pick(evil, 4)) {
    case 0: return UINT64_MAX - pick(evil, 2 * kPage);
    case 1: return 0xfeb00000 + pick(evil, kPage);
    case 2: return evil->high_hole + pick(evil, 1ULL << 40);
    default: return evil->high_hole - pick(evil, 2) * 16;
  }
}

static void fill_queue(struct evil* evil, const struct queue_memory* memory) {
  struct descriptor* table = (struct descriptor*)memory->page[0];
  for (unsigned i = 0; i < kSafeQueueSize; ++i) {
    struct descriptor* descriptor = &table[i];
    if (pick(evil, 4)) {
      unsigned offset = pick(evil, kPage);
      descriptor->address = memory->physical[3] + offset;
      descriptor->length = pick(evil, kPage - offset + 1);
    } else {
      descriptor->address = pick_hole(evil);
      descriptor->length = pick_value(evil);
    }
    descriptor->flags = pick(evil, 8) ? pick(evil, 4) : pick(evil, 1 << 16);
    descriptor->next = pick(evil, 8) ? pick(evil, kSafeQueueSize) : pick(evil, 1 << 16);
  }
  // The data page serves as an indirect table too, and as request headers of all types.
  memcpy(memory->page[3], memory->page[0], kPage);
  for (unsigned i = 0; i < 64; ++i) memory->page[3][pick(evil, kPage)] = pick(evil, 16);
  uint16_t* available = (uint16_t*)memory->page[1];
  available[0] = pick(evil, 2);
  for (unsigned i = 0; i < kSafeQueueSize; ++i) available[2 + i] = pick(evil, kSafeQueueSize + 4);
  available[1] += pick(evil, 8) ? 1 + pick(evil, 16) : pick(evil, 1 << 16);
}

static void set_address(struct evil* evil, struct mapping common, unsigned part, uint64_t honest) {
  uint64_t address = honest;
  if (pick(evil, 8) == 0) address = pick_hole(evil);
  put32(common, kQueueAddresses + part * 8, address);
  put32(common, kQueueAddresses + part * 8 + 4, address >> 32);
}

static void set_up_queue(struct evil* evil, struct mapping common, unsigned queue,
                         const struct queue_memory* memory) {
  put16(common, kQueueSelect, queue);
  // A larger size would let the used ring run over what is behind its page, but for a hole's.
  put16(common, kQueueSize, pick(evil, 8) ? 1 << pick(evil, 9) : pick(evil, kSafeQueueSize + 1));
  put16(common, kQueueVector, pick(evil, 2) ? 0xffff : pick(evil, 1 << 16));
  for (unsigned part = 0; part < 3; ++part) {
    set_address(evil, common, part, memory->physical[part]);
  }
  put16(common, kQueueEnable, 1);
}

static void negotiate(struct evil* evil, struct mapping common) {
  put8(common, kStatus, 0);
  put8(common, kStatus, kAcknowledge);
  put8(common, kStatus, kAcknowledge | kDriver);
  for (unsigned word = 0; word < 2; ++word) {
    put32(common, kDeviceFeatureSelect, word);
    uint32_t features = get32(common, kDeviceFeature);
    if (pick(evil, 2)) features &= pick_value(evil);
    // Bit 32, VERSION_1, without which a device takes nothing.
    if (word == 1 && pick(evil, 16)) features |= 1;
    put32(common, kDriverFeatureSelect, word);
    put32(common, kDriverFeature, features);
  }
  put8(common, kStatus, kAcknowledge | kDriver | kFeaturesOk);
}

void virtio_session(struct evil* evil, const struct function* function) {
  static struct queue_memory memory;
  if (memory.page[0] == NULL && !make_queue_memory(&memory)) return;
  struct mapping common = map_structure(function, kCommonConfig);
  struct mapping notify = map_structure(function, kNotifyConfig);
  if (common.bytes >= kQueueAddresses + 24 && notify.bytes >= 4) {
    negotiate(evil, common);
    unsigned queues = get32(common, kConfigVector) >> 16;
    if (queues > kMaxQueues) queues = kMaxQueues;
    for (unsigned queue = 0; queue < queues; ++queue) set_up_queue(evil, common, queue, &memory);
    put8(common, kStatus, kAcknowledge | kDriver | kFeaturesOk | kDriverOk);
    for (int round = 0; round < 8; ++round) {
      fill_queue(evil, &memory);
      unsigned slot = pick(evil, notify.bytes / 2) * 2;
      put16(notify, pick(evil, 2) ? slot : 0, pick(evil, kMaxQueues + 1));
      evil->writes += 1;
      // In the midst of requests.
      if (pick(evil, 8) == 0) memory_access(evil, common.base + pick(evil, 56) / 4 * 4, 4);
    }
    // Its queues are taken away, or not.
    if (pick(evil, 4)) put8(common, kStatus, 0);
  }
  unmap(common);
  unmap(notify);
}
