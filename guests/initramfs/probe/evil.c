// SPDX-License-Identifier: Apache-2.0
// evil SEED COUNT: COUNT random accesses to everything that a monitor emulates: the board's
// devices, PCI config space (by the kernel, by ECAM, by 0xcf8), device BARs (virtio configuration, notify,
// MSI-X tables), and addresses where nothing is. Left out are what would end the guest or silence
// its console, and the interrupt controllers, which the host kernel emulates. Needs root, and
// iomem=relaxed for ECAM and holes. The guest may still wreck itself (a device may write to random
// memory); the monitor must live.
#define _GNU_SOURCE
#include "evil.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe.h"

enum { kMaxBarBytes = 16 << 20, kFirstBar = 0x10, kCommand = 4, kDecodeAndMaster = 7 };

uint64_t pick(struct evil* evil, uint64_t below) {
  return next_random(&evil->random) % below;
}

// Values that sit on edges are likelier to hurt than uniform ones.
uint64_t pick_value(struct evil* evil) {
  switch (pick(evil, 8)) {
    case 0: return 0;
    case 1: return UINT64_MAX;
    case 2: return 1ULL << pick(evil, 64);
    case 3: return (1ULL << pick(evil, 64)) - 1;
    case 4: return pick(evil, 256);
    default: return next_random(&evil->random);
  }
}

static sigjmp_buf before_access;

static void on_bus_error(int number) {
  (void)number;
  siglongjmp(before_access, 1);
}

void memory_access(struct evil* evil, volatile char* at, unsigned size) {
  uint64_t value = pick_value(evil);
  int write = pick(evil, 4) != 0;
  // arm64 allows no misaligned access to devices; a machine may also answer with an abort.
  if (sigsetjmp(before_access, 1) != 0) {
    evil->refused += 1;
    return;
  }
  *(write ? &evil->writes : &evil->reads) += 1;
  switch (size) {
    case 1: write ? (void)(*(volatile uint8_t*)at = value) : (void)*(volatile uint8_t*)at; break;
    case 2: write ? (void)(*(volatile uint16_t*)at = value) : (void)*(volatile uint16_t*)at; break;
    case 4: write ? (void)(*(volatile uint32_t*)at = value) : (void)*(volatile uint32_t*)at; break;
    default: write ? (void)(*(volatile uint64_t*)at = value) : (void)*(volatile uint64_t*)at;
  }
}

static int overlaps(struct range range, unsigned port, unsigned size) {
  return port <= range.last && port + size - 1 >= range.first;
}

static int port_allowed(const struct evil* evil, unsigned port, unsigned size) {
  if (evil->spare_serial && overlaps(kPorts.serial, port, size)) return 0;
  for (size_t i = 0; i < kPorts.forbidden_count; ++i) {
    if (overlaps(kPorts.forbidden[i], port, size)) return 0;
  }
  return 1;
}

static void port_access(struct evil* evil) {
  unsigned size = 1u << pick(evil, 3);
  unsigned port = pick(evil, kPorts.count - 4);
  // A uniform choice would hardly ever meet a device.
  if (pick(evil, 2)) {
    struct range busy = kPorts.busy[pick(evil, kPorts.busy_count)];
    port = busy.first + pick(evil, busy.last - busy.first + 1);
  }
  if (!port_allowed(evil, port, size)) return;
  uint32_t value = pick_value(evil);
  if (port == 0xcf8 && size == 4 && evil->function_count > 0) {
    const struct function* function = &evil->functions[pick(evil, evil->function_count)];
    value = 1u << 31 | function->bdf << 8 | (value & 0xff);
  }
  if (pick(evil, 4)) {
    port_write(port, size, value);
    evil->writes += 1;
  } else {
    port_read(port, size);
    evil->reads += 1;
  }
}

static void restore_bars(const struct function* function) {
  uint16_t command = kDecodeAndMaster;
  (void)!pwrite(function->config_fd, function->bars, kBarBytes, kFirstBar);
  (void)!pwrite(function->config_fd, &command, sizeof(command), kCommand);
}

static void config_access(struct evil* evil) {
  if (evil->function_count == 0) return;
  const struct function* function = &evil->functions[pick(evil, evil->function_count)];
  // Half in the header and the first capabilities, half anywhere.
  unsigned offset = pick(evil, 2) ? pick(evil, 256) : pick(evil, 4096);
  unsigned size = 1u << pick(evil, 3);
  uint64_t value = pick_value(evil);
  if (pick(evil, 4)) {
    evil->writes += pwrite(function->config_fd, &value, size, offset) > 0;
    // Else no BAR would be within reach from here on.
    if (pick(evil, 4)) restore_bars(function);
  } else {
    evil->reads += pread(function->config_fd, &value, size, offset) > 0;
  }
}

static void bar_access(struct evil* evil) {
  if (evil->bar_count == 0) return;
  const struct bar* bar = &evil->bars[pick(evil, evil->bar_count)];
  unsigned size = 1u << pick(evil, 4);
  // Registers sit at the start of each page: common configuration, notify, MSI-X table, PBA.
  size_t offset = pick(evil, bar->bytes / kPage ? bar->bytes / kPage : 1) * kPage;
  offset += pick(evil, 2) ? pick(evil, 64) : pick(evil, kPage);
  if (offset + size > bar->bytes) offset = 0;
  // Misaligned across a page is two exits; within one it is one of odd length.
  memory_access(evil, bar->base + offset, size);
}

static void physical_access(struct evil* evil, uint64_t address) {
  volatile char* page = mmap(NULL, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, evil->mem_fd,
                             address & ~(uint64_t)(kPage - 1));
  if (page == MAP_FAILED) return;
  for (int i = 0; i < 4; ++i) {
    memory_access(evil, page + pick(evil, kPage / 8) * 8, 1u << pick(evil, 4));
  }
  munmap((void*)page, kPage);
}

static void hole_access(struct evil* evil) {
  uint64_t address = 0;
  switch (pick(evil, 4)) {
    case 0: address = 0xa0000 + pick(evil, 0x20000); break;
    case 1: address = evil->high_hole + pick(evil, 1ULL << 32); break;
    default: address = evil->low_hole + pick(evil, 0xfec00000 - evil->low_hole); break;
  }
  int in_ecam = evil->ecam != 0 && address - evil->ecam < 256ULL << 20;
  if (!in_ecam) physical_access(evil, address);
}

static void ecam_access(struct evil* evil) {
  if (evil->ecam == 0 || evil->function_count == 0) return;
  unsigned bdf = evil->functions[pick(evil, evil->function_count)].bdf;
  // Sometimes a function that is not there.
  if (pick(evil, 4) == 0) bdf = 0x100 + pick(evil, 0xff00);
  physical_access(evil, evil->ecam + ((uint64_t)bdf << 12));
}

static unsigned read_number(const char* directory, const char* file) {
  char path[128];
  unsigned value = 0;
  snprintf(path, sizeof(path), "%s/%s", directory, file);
  FILE* stream = fopen(path, "r");
  if (stream == NULL) return 0;
  if (fscanf(stream, "%x", &value) != 1) value = 0;
  fclose(stream);
  return value;
}

static void add_bars(struct evil* evil, const char* directory) {
  for (int i = 0; i < 6 && evil->bar_count < kMaxBars; ++i) {
    char path[128];
    struct stat status;
    snprintf(path, sizeof(path), "%s/resource%d", directory, i);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) continue;
    size_t bytes = fstat(fd, &status) == 0 ? status.st_size : 0;
    if (bytes > kMaxBarBytes) bytes = kMaxBarBytes;
    void* base = bytes ? mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    close(fd);
    if (base != MAP_FAILED) evil->bars[evil->bar_count++] = (struct bar){base, bytes};
  }
}

static void add_functions(struct evil* evil) {
  DIR* directory = opendir("/sys/bus/pci/devices");
  struct dirent* entry;
  while (directory != NULL && (entry = readdir(directory)) != NULL) {
    unsigned bus, device, number;
    if (sscanf(entry->d_name, "%*x:%x:%x.%x", &bus, &device, &number) != 3) continue;
    if (evil->function_count == kMaxFunctions) break;
    struct function* function = &evil->functions[evil->function_count];
    snprintf(function->path, sizeof(function->path), "/sys/bus/pci/devices/%.32s", entry->d_name);
    unsigned id = read_number(function->path, "device");
    int is_console =
        read_number(function->path, "vendor") == 0x1af4 && (id == 0x1043 || id == 0x1003);
    if (is_console && evil->spare_console_function) continue;
    char config[128];
    snprintf(config, sizeof(config), "%s/config", function->path);
    function->config_fd = open(config, O_RDWR | O_CLOEXEC);
    if (function->config_fd < 0) continue;
    function->bdf = bus << 8 | device << 3 | number;
    (void)!pread(function->config_fd, function->bars, kBarBytes, kFirstBar);
    restore_bars(function);
    add_bars(evil, function->path);
    evil->function_count += 1;
  }
  if (directory != NULL) closedir(directory);
}

static void find_memory(struct evil* evil) {
  FILE* stream = fopen("/proc/iomem", "r");
  char line[160];
  evil->low_hole = 1 << 20;
  evil->high_hole = 1ULL << 32;
  while (stream != NULL && fgets(line, sizeof(line), stream) != NULL) {
    unsigned long long first, last;
    if (sscanf(line, "%llx-%llx", &first, &last) != 2) continue;
    // By the names of x86 and of arm64.
    if (strstr(line, "MMCONFIG") || strstr(line, "PCI ECAM")) evil->ecam = first;
    if (!strstr(line, "System RAM")) continue;
    if (last < 1ULL << 32) evil->low_hole = last + 1;
    if (last >= evil->high_hole) evil->high_hole = last + 1;
  }
  if (stream != NULL) fclose(stream);
}

static void find_console(struct evil* evil) {
  char active[64] = "";
  FILE* stream = fopen("/sys/class/tty/console/active", "r");
  if (stream != NULL) {
    if (fgets(active, sizeof(active), stream) == NULL) active[0] = 0;
    fclose(stream);
  }
  evil->spare_serial = strstr(active, "ttyS") != NULL || strstr(active, "ttyAMA") != NULL;
  evil->spare_console_function = strstr(active, "hvc") != NULL;
}

int probe_evil(int argc, char** argv) {
  static struct evil evil;
  evil.random = (argc > 1 ? strtoull(argv[1], NULL, 0) : 0) * 2 + 1;
  unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 0) : 10000;
  if (ports_open() != 0) return failed("port access");
  evil.mem_fd = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
  if (evil.mem_fd < 0) return failed("/dev/mem");
  signal(SIGBUS, on_bus_error);
  find_console(&evil);
  find_memory(&evil);
  add_functions(&evil);
  printf("EVIL start: %u functions, %u BARs, ECAM at %#llx, holes from %#llx and %#llx\n",
         evil.function_count, evil.bar_count, (unsigned long long)evil.ecam,
         (unsigned long long)evil.low_hole, (unsigned long long)evil.high_hole);
  fflush(stdout);
  for (unsigned long i = 0; i < count; ++i) {
    // A session is a hundred accesses.
    if (i % 64 == 0 && evil.function_count > 0) {
      const struct function* function = &evil.functions[pick(&evil, evil.function_count)];
      restore_bars(function);
      virtio_session(&evil, function);
    }
    switch (pick(&evil, 8)) {
      case 0:
      case 1: port_access(&evil); break;
      case 2: config_access(&evil); break;
      case 3: hole_access(&evil); break;
      case 4: ecam_access(&evil); break;
      default: bar_access(&evil); break;
    }
  }
  printf("EVIL done %lu: %llu writes, %llu reads, %llu of them refused\n", count,
         (unsigned long long)evil.writes, (unsigned long long)evil.reads,
         (unsigned long long)evil.refused);
  return 0;
}
