// SPDX-License-Identifier: Apache-2.0
// edu SYSFS-FOLDER UIO-DEVICE: drives QEMU's teaching device (QEMU, docs/specs/edu.txt) from user
// space: registers, memory access in both directions, its pin, on x86 its message.
// edu_peer SYSFS-FOLDER PEER-FOLDER BAR BAR-ADDRESS: lets it write and read the memory BAR of another
// device, without the processor's help.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pci.h"
#include "probe.h"

enum {
  kIdentification = 0x00,
  kLiveness = 0x04,
  kFactorial = 0x08,
  kStatus = 0x20,
  kInterruptStatus = 0x24,
  kRaise = 0x60,
  kAcknowledge = 0x64,
  kDmaSource = 0x80,
  kDmaDestination = 0x88,
  kDmaCount = 0x90,
  kDmaCommand = 0x98,
};
enum { kBusy = 1, kDmaStart = 1, kDmaToMemory = 2 };
enum { kDeviceBuffer = 0x40000, kDmaSize = 1024, kInterrupts = 5 };
// PCI Local Bus 3.0, 6.8.1; the address has 64 bits.
enum { kMessageControl = 2, kMessageAddressLow = 4, kMessageAddressHigh = 8, kMessageData = 12 };

struct edu {
  volatile char* registers;
  int config;
  int interrupt;
};

static uint32_t get(const struct edu* edu, unsigned offset) {
  return *(volatile uint32_t*)(edu->registers + offset);
}

static void put(const struct edu* edu, unsigned offset, uint32_t value) {
  *(volatile uint32_t*)(edu->registers + offset) = value;
}

static void put_wide(const struct edu* edu, unsigned offset, uint64_t value) {
  *(volatile uint64_t*)(edu->registers + offset) = value;
}

// Until `mask` is clear in the register; 0 if it is.
static int wait_clear(const struct edu* edu, unsigned offset, uint32_t mask) {
  const double start = seconds();
  while (get(edu, offset) & mask) {
    if (seconds() - start > kLimit) return 1;
  }
  return 0;
}

static int check_registers(const struct edu* edu) {
  if ((get(edu, kIdentification) & 0xff) != 0xed) {
    return wrong("identification", get(edu, kIdentification));
  }
  put(edu, kLiveness, 0x12345678);
  if (get(edu, kLiveness) != ~0x12345678u) return wrong("liveness", get(edu, kLiveness));
  put(edu, kFactorial, 10);
  if (wait_clear(edu, kStatus, kBusy)) return wrong("never done, status", get(edu, kStatus));
  if (get(edu, kFactorial) != 3628800) return wrong("10! is not", get(edu, kFactorial));
  return 0;
}

static int copy(const struct edu* edu, uint64_t from, uint64_t to, uint32_t direction) {
  put_wide(edu, kDmaSource, from);
  put_wide(edu, kDmaDestination, to);
  put_wide(edu, kDmaCount, kDmaSize);
  put_wide(edu, kDmaCommand, kDmaStart | direction);
  return wait_clear(edu, kDmaCommand, kDmaStart);
}

static int check_memory(const struct edu* edu) {
  uint64_t address;
  char* page = dma_page(&address);
  if (!page) return 1;
  fill_pattern(page, kDmaSize, 1, 0);
  if (copy(edu, address, kDeviceBuffer, 0) ||
      copy(edu, kDeviceBuffer, address + kPage / 2, kDmaToMemory)) {
    return wrong("never done, DMA", get(edu, kDmaCommand));
  }
  if (!matches_pattern(page + kPage / 2, kDmaSize, 1, 0)) return wrong("wrong data at", address);
  return 0;
}

// The kernel has the pin off in the command register after each interrupt (Linux,
// Documentation/driver-api/uio-howto.rst, "Things to know about uio_pci_generic").
static int check_interrupts(const struct edu* edu) {
  for (uint32_t i = 1; i <= kInterrupts; ++i) {
    if (config_put(edu->config, kCommandRegister, 2, kMasterOn | kMemoryOn)) return 1;
    put(edu, kRaise, i);
    struct pollfd ready = {.fd = edu->interrupt, .events = POLLIN};
    if (poll(&ready, 1, (int)kLimit * 1000) != 1) return wrong("no interrupt", i);
    uint32_t count;
    if (read(edu->interrupt, &count, sizeof(count)) != sizeof(count)) return failed("interrupt");
    if (count != i) return wrong("interrupts so far", count);
    if (get(edu, kInterruptStatus) != i) return wrong("cause", get(edu, kInterruptStatus));
    put(edu, kAcknowledge, i);
  }
  return 0;
}

static int check_messages(const struct edu* edu) {
  const unsigned msi = find_capability(edu->config, kCapabilityMsi);
  if (msi == 0) return wrong("no MSI capability", 0);
  if (config_put(edu->config, msi + kMessageAddressLow, 4, kMessageAddress) ||
      config_put(edu->config, msi + kMessageAddressHigh, 4, 0) ||
      config_put(edu->config, msi + kMessageData, 2, kRescheduleVector) ||
      config_put(edu->config, msi + kMessageControl, 2, 1)) {
    return 1;
  }
  for (uint32_t i = 1; i <= kInterrupts; ++i) {
    const long before = messages();
    put(edu, kRaise, i);
    if (wait_message(before)) return wrong("no message", i);
    put(edu, kAcknowledge, i);
  }
  return config_put(edu->config, msi + kMessageControl, 2, 0);
}

int probe_edu(int argc, char** argv) {
  if (argc < 3) return fputs("usage: edu SYSFS-FOLDER UIO-DEVICE\n", stderr), 2;
  struct edu edu = {.config = -1, .interrupt = open(argv[2], O_RDONLY | O_CLOEXEC)};
  if (edu.interrupt < 0) return failed(argv[2]);
  if (chdir(argv[1]) != 0) return failed(argv[1]);
  edu.config = open_config();
  edu.registers = map_bar(0, NULL);
  if (edu.config < 0 || edu.registers == MAP_FAILED) return failed("config, resource0");
  if (config_put(edu.config, kCommandRegister, 2, kMasterOn | kMemoryOn | kInterruptsOff)) return 1;
  if (check_registers(&edu) || check_memory(&edu) || check_interrupts(&edu)) return 1;
  const int counted = messages() >= 0;
  if (counted && check_messages(&edu)) return 1;
  printf("registers, %d bytes of DMA, %d interrupts, %d messages\n", kDmaSize, kInterrupts,
         counted ? kInterrupts : 0);
  return 0;
}

// The processor's view of the peer and the device's agree, in both directions.
static int check_peer(const struct edu* edu, volatile char* bar, uint64_t address) {
  uint64_t memory;
  char* page = dma_page(&memory);
  if (!page) return 1;
  fill_pattern(page, kDmaSize, 2, 0);
  memset((char*)bar, 0, kPage);
  if (copy(edu, memory, kDeviceBuffer, 0) || copy(edu, kDeviceBuffer, address, kDmaToMemory)) {
    return wrong("never done, writing the peer", get(edu, kDmaCommand));
  }
  if (!matches_pattern((const char*)bar, kDmaSize, 2, 0)) return wrong("not written to", address);
  fill_pattern((char*)bar + kPage / 2, kDmaSize, 3, 0);
  if (copy(edu, address + kPage / 2, kDeviceBuffer, 0) ||
      copy(edu, kDeviceBuffer, memory, kDmaToMemory)) {
    return wrong("never done, reading the peer", get(edu, kDmaCommand));
  }
  if (!matches_pattern(page, kDmaSize, 3, 0)) return wrong("not read from", address);
  return 0;
}

int probe_edu_peer(int argc, char** argv) {
  if (argc < 5) return fputs("usage: edu_peer SYSFS-FOLDER PEER-FOLDER BAR BAR-ADDRESS\n", stderr), 2;
  if (chdir(argv[1]) != 0) return failed(argv[1]);
  struct edu edu = {.config = open_config(), .interrupt = -1};
  edu.registers = map_bar(0, NULL);
  if (edu.config < 0 || edu.registers == MAP_FAILED) return failed("config, resource0");
  if (config_put(edu.config, kCommandRegister, 2, kMasterOn | kMemoryOn | kInterruptsOff)) return 1;
  if (chdir(argv[2]) != 0) return failed(argv[2]);
  volatile char* bar = map_bar((unsigned)strtoul(argv[3], NULL, 0), NULL);
  if (bar == MAP_FAILED) return failed("the peer's BAR");
  if (check_peer(&edu, bar, strtoull(argv[4], NULL, 0))) return 1;
  printf("%d bytes there and back\n", kDmaSize);
  return 0;
}
