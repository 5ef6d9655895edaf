// SPDX-License-Identifier: Apache-2.0
// The board's devices are in memory (vmm/boards/virt/layout.h): a "port" is an offset into the
// window that they share.
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "probe.h"

enum { kDevices = 0x09000000, kDevicesSize = 0x120000, kDebugExit = 0x110000, kPage = 4096 };

// What ends the guest: pvpanic and the debug exit word.
static const struct range kForbidden[] = {{0x100000, 0x100003}, {kDebugExit, kDebugExit + 3}};
// The serial port, the clock, fw_cfg and the GPIO controller.
static const struct range kBusy[] = {
    {0x00000, 0x0004b}, {0x00fe0, 0x00fff}, {0x10000, 0x10023}, {0x10fe0, 0x10fff},
    {0x20000, 0x20017}, {0x30000, 0x30423}, {0x30fe0, 0x30fff},
};
const struct ports kPorts = {
    .count = kDevicesSize,
    .busy = kBusy,
    .busy_count = sizeof(kBusy) / sizeof(kBusy[0]),
    .forbidden = kForbidden,
    .forbidden_count = sizeof(kForbidden) / sizeof(kForbidden[0]),
    .serial = {0x0000, 0x0fff},
};

static volatile char* devices;

static volatile char* map(unsigned offset, size_t bytes) {
  int fd = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
  if (fd < 0) return NULL;
  void* base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, kDevices + offset);
  close(fd);
  return base == MAP_FAILED ? NULL : base;
}

int ports_open(void) {
  if (devices == NULL) devices = map(0, kDevicesSize);
  return devices == NULL ? -1 : 0;
}

// Device memory takes no access across its own size (Arm ARM, B2.7.2).
static volatile char* place(unsigned port, unsigned size) {
  return devices + (port & ~(size - 1));
}

uint32_t port_read(unsigned port, unsigned size) {
  volatile char* at = place(port, size);
  switch (size) {
    case 1: return *(volatile uint8_t*)at;
    case 2: return *(volatile uint16_t*)at;
    default: return *(volatile uint32_t*)at;
  }
}

void port_write(unsigned port, unsigned size, uint32_t value) {
  volatile char* at = place(port, size);
  switch (size) {
    case 1: *(volatile uint8_t*)at = value; break;
    case 2: *(volatile uint16_t*)at = value; break;
    default: *(volatile uint32_t*)at = value;
  }
}

// This page alone: no driver has it, so the kernel lends it without iomem=relaxed.
int debug_exit(uint32_t status) {
  volatile char* word = map(kDebugExit, kPage);
  if (word == NULL) return failed("/dev/mem");
  *(volatile uint32_t*)word = status;
  puts("the debug exit device did not end the machine");
  return 1;
}
