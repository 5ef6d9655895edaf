// SPDX-License-Identifier: Apache-2.0
// programmable SYSFS-FOLDER CONTROL REGISTER...: drives the lab's programmable function
// (tests/lab/pci_device/README.md) by its control block at CONTROL of BAR 0: its registers, access
// to memory, and one message after the other, masked in each of the ways: by MSI-X, or by MSI if it
// has that alone.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pci.h"
#include "probe.h"

enum {
  kCommand = 0x00,
  kArgument = 0x04,
  kAddress = 0x08,
  kValue = 0x10,
  kStatus = 0x14,
};
enum { kSend = 3, kWriteMemory = 4, kReadMemory = 5 };
enum { kDone = 1 };
enum { kEntrySize = 16, kEntryMask = 12, kEnable = 0x8000, kMaskAll = 0x4000 };
// MSI with four vectors, a wide address and masks (PCI Local Bus 3.0, 6.8.1).
enum {
  kMsiControl = 2,
  kMsiAddress = 4,
  kMsiData = 12,
  kMsiMask = 16,
  kMsiPending = 20,
  kMsiWithFour = 0x184,
  kMsiEnableFour = 0x21,
};
// Four vectors in a row on which nothing comes, as Linux names them in /proc/interrupts
// (arch/x86/include/asm/irq_vectors.h): three of KVM as a host, and one that has no handler in a
// guest of KVM with no-kvmapf.
enum { kQuietVectors = 0xf0 };
static const char* const kQuietNames[] = {"NPI", "PIW", "PIN", "SPU"};

struct function {
  volatile char* bars[6];
  volatile char* control;
  int config;
  unsigned msix;  // its capability
};

static volatile uint32_t* word(volatile char* base, uint64_t offset) {
  return (volatile uint32_t*)(base + offset);
}

static void order(const struct function* function, uint32_t command, uint32_t argument) {
  *word(function->control, kArgument) = argument;
  *word(function->control, kCommand) = command;
}

// Registers around the structures of MSI-X, which must not be taken for them.
static int check_registers(const struct function* function, char** offsets) {
  for (char** at = offsets; *at; ++at) {
    *word(function->bars[0], strtoul(*at, NULL, 0)) = (uint32_t)~strtoul(*at, NULL, 0);
  }
  for (char** at = offsets; *at; ++at) {
    const unsigned long offset = strtoul(*at, NULL, 0);
    if (*word(function->bars[0], offset) != (uint32_t)~offset) return wrong("register", offset);
  }
  return 0;
}

static int check_memory(const struct function* function) {
  uint64_t address;
  uint32_t* page = dma_page(&address);
  if (!page) return 1;
  page[1] = 0x600df00d;
  *word(function->control, kAddress + 4) = (uint32_t)(address >> 32);
  *word(function->control, kAddress) = (uint32_t)address + 4;
  order(function, kReadMemory, 0);
  const uint32_t got = *word(function->control, kValue);
  if (got != 0x600df00d) return wrong("it read of memory", got);
  *word(function->control, kValue) = 0x12345678;
  order(function, kWriteMemory, 0);
  if (*word(function->control, kStatus) != kDone) {
    return wrong("write to memory", *word(function->control, kStatus));
  }
  return *(volatile uint32_t*)(page + 1) == 0x12345678 ? 0 : wrong("it wrote to memory", page[1]);
}

// The structure whose place is in the register at `offset` of the capability; null if its BAR is
// none that can be mapped.
static volatile char* structure(const struct function* function, unsigned offset) {
  const uint32_t place = config_get(function->config, function->msix + offset, 4);
  volatile char* bar = function->bars[place & 7];
  return bar ? bar + (place & ~7u) : NULL;
}

static int wait_pending(volatile char* pending, unsigned vector, unsigned wanted) {
  const double start = seconds();
  while ((*word(pending, vector / 32 * 4) >> vector % 32 & 1) != wanted) {
    if (seconds() - start > kLimit) return 1;
  }
  return 0;
}

// A message as it comes, one that waits for the vector's mask, and one for the mask of all.
static int check_vector(const struct function* function, volatile char* entry,
                        volatile char* pending, unsigned vector) {
  const unsigned control = function->msix + 2;
  long before = messages();
  order(function, kSend, vector);
  if (wait_message(before)) return wrong("not sent", vector);
  before = messages();
  for (unsigned all = 0; all < 2; ++all, ++before) {
    if (!all) *word(entry, kEntryMask) = 1;
    if (all && config_put(function->config, control, 2, kEnable | kMaskAll)) return 1;
    order(function, kSend, vector);
    if (wait_pending(pending, vector, 1)) return wrong("masked, but not pending", vector);
    if (messages() != before) return wrong("masked, but sent", vector);
    if (!all) *word(entry, kEntryMask) = 0;
    if (all && config_put(function->config, control, 2, kEnable)) return 1;
    if (wait_message(before)) return wrong("unmasked, but not sent", vector);
    if (wait_pending(pending, vector, 0)) return wrong("sent, but still pending", vector);
  }
  return 0;
}

static int check_messages(const struct function* function) {
  volatile char* table = structure(function, 4);
  volatile char* pending = structure(function, 8);
  if (!table || !pending) return wrong("capability", function->msix);
  const unsigned control = function->msix + 2;
  const unsigned vectors = (config_get(function->config, control, 2) & 0x7ff) + 1;
  for (unsigned vector = 0; vector < vectors; ++vector) {
    volatile char* entry = table + kEntrySize * vector;
    *word(entry, 0) = kMessageAddress;
    *word(entry, 4) = 0;
    *word(entry, 8) = kRescheduleVector;
    *word(entry, kEntryMask) = 1;
  }
  if (config_put(function->config, control, 2, kEnable)) return 1;
  // It waits for the first unmasking of all too.
  const long before = messages();
  order(function, kSend, vectors - 1);
  if (messages() != before) return wrong("masked from the first on, but sent", vectors - 1);
  *word(table + kEntrySize * (vectors - 1), kEntryMask) = 0;
  if (wait_message(before)) return wrong("unmasked for the first time, but not sent", vectors - 1);
  // A host that cannot add vectors to those that are on signals these.
  for (unsigned vector = 0; vector < vectors; ++vector) {
    *word(table + kEntrySize * vector, kEntryMask) = 0;
  }
  for (unsigned vector = 0; vector < vectors; ++vector) {
    if (check_vector(function, table + kEntrySize * vector, pending, vector)) return 1;
  }
  printf("registers, access to memory, messages of %u vectors\n", vectors);
  return config_put(function->config, control, 2, 0);
}

static int wait_msi_pending(const struct function* function, unsigned msi, uint32_t wanted) {
  const double start = seconds();
  while (config_get(function->config, msi + kMsiPending, 4) != wanted) {
    if (seconds() - start > kLimit) return 1;
  }
  return 0;
}

// A message as it comes, and one that waits for the vector's mask.
static int check_msi_vector(const struct function* function, unsigned msi, unsigned vector) {
  const char* name = kQuietNames[vector];
  long before = interrupts(name);
  order(function, kSend, vector);
  if (wait_interrupt(name, before)) return wrong("not sent", vector);
  before = interrupts(name);
  if (config_put(function->config, msi + kMsiMask, 4, 1u << vector)) return 1;
  order(function, kSend, vector);
  if (wait_msi_pending(function, msi, 1u << vector))
    return wrong("masked, but not pending", vector);
  if (interrupts(name) != before) return wrong("masked, but sent", vector);
  if (config_put(function->config, msi + kMsiMask, 4, 0)) return 1;
  if (wait_interrupt(name, before)) return wrong("unmasked, but not sent", vector);
  if (wait_msi_pending(function, msi, 0)) return wrong("sent, but still pending", vector);
  return 0;
}

static int check_msi(const struct function* function) {
  const unsigned msi = find_capability(function->config, kCapabilityMsi);
  if (msi == 0) return wrong("neither MSI-X nor MSI", 0);
  const uint32_t control = config_get(function->config, msi + kMsiControl, 2);
  if (control != kMsiWithFour) return wrong("MSI's control", control);
  if (config_put(function->config, msi + kMsiAddress, 4, kMessageAddress) ||
      config_put(function->config, msi + kMsiAddress + 4, 4, 0) ||
      config_put(function->config, msi + kMsiData, 2, kQuietVectors) ||
      config_put(function->config, msi + kMsiMask, 4, 0) ||
      config_put(function->config, msi + kMsiControl, 2, kMsiEnableFour)) {
    return 1;
  }
  const unsigned vectors = sizeof(kQuietNames) / sizeof(kQuietNames[0]);
  for (unsigned vector = 0; vector < vectors; ++vector) {
    if (check_msi_vector(function, msi, vector)) return 1;
  }
  printf("access to memory, messages of %u vectors of MSI\n", vectors);
  return config_put(function->config, msi + kMsiControl, 2, 0);
}

int probe_programmable(int argc, char** argv) {
  if (argc < 3) return fputs("usage: programmable FOLDER CONTROL REGISTER...\n", stderr), 2;
  if (chdir(argv[1]) != 0) return failed(argv[1]);
  struct function function = {.config = open_config()};
  if (function.config < 0) return failed("config");
  for (unsigned index = 0; index < 6; ++index) {
    volatile char* bar = map_bar(index, NULL);  // fails for those that are not memory
    function.bars[index] = bar == MAP_FAILED ? NULL : bar;
  }
  if (!function.bars[0]) return failed("resource0");
  function.control = function.bars[0] + strtoul(argv[2], NULL, 0);
  function.msix = find_capability(function.config, kCapabilityMsix);
  if (config_put(function.config, kCommandRegister, 2, kMemoryOn | kMasterOn)) return 1;
  if (check_registers(&function, argv + 3) || check_memory(&function)) return 1;
  return function.msix ? check_messages(&function) : check_msi(&function);
}
