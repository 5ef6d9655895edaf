// SPDX-License-Identifier: Apache-2.0
// blk_rate DEVICE [ROUNDS]: how fast the disk is past the page cache, as "name=number" words. File
// descriptor 3 is told when the disk is in use, before the first and after the last request that is
// measured. Whoever counts on the host may share its one processor with this guest, so we idle
// after each. Then come as many more rounds, told as well, each a fifth as long and when a byte comes
// on standard input.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

enum { kRandomSize = 4096, kSequentialSize = 1 << 20, kMostInFlight = 32 };

struct load {
  int fd;
  uint64_t bytes;  // of the disk
  char* buffer;    // kMostInFlight * kRandomSize, and at least kSequentialSize
};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

// Keeps `depth` random reads under way until `count` are done; returns reads per second, or 0.
static double random_reads(const struct load* load, unsigned depth, unsigned count) {
  aio_context_t context = 0;
  if (syscall(SYS_io_setup, depth, &context) != 0) return 0;
  struct iocb blocks[kMostInFlight];
  struct iocb* pointers[kMostInFlight];
  struct io_event events[kMostInFlight];
  uint64_t random = 1;
  unsigned done = 0;
  const double start = now();
  // Slots that are free: all at first, later those of the reads that have just ended.
  unsigned ready = depth;
  for (unsigned i = 0; i < depth; ++i) pointers[i] = &blocks[i];
  while (done < count) {
    for (unsigned i = 0; i < ready; ++i) {
      struct iocb* block = pointers[i];
      memset(block, 0, sizeof(*block));
      block->aio_lio_opcode = IOCB_CMD_PREAD;
      block->aio_fildes = load->fd;
      block->aio_buf = (uintptr_t)(load->buffer + (block - blocks) * kRandomSize);
      block->aio_nbytes = kRandomSize;
      block->aio_offset =
          (int64_t)(next_random(&random) % (load->bytes / kRandomSize) * kRandomSize);
    }
    if (syscall(SYS_io_submit, context, ready, pointers) != (long)ready) return 0;
    long ended = syscall(SYS_io_getevents, context, 1, depth, events, NULL);
    if (ended < 1) return 0;
    for (long i = 0; i < ended; ++i) {
      if (events[i].res != kRandomSize) return 0;
      pointers[i] = (struct iocb*)(uintptr_t)events[i].obj;
    }
    done += (unsigned)ended;
    ready = (unsigned)ended;
  }
  const double rate = done / (now() - start);
  syscall(SYS_io_destroy, context);
  return rate;
}

// MiB per second, or 0.
static double sequential(const struct load* load, int write, unsigned count) {
  const double start = now();
  for (unsigned i = 0; i < count; ++i) {
    const off_t offset = (off_t)((uint64_t)i * kSequentialSize % load->bytes);
    const ssize_t size = write ? pwrite(load->fd, load->buffer, kSequentialSize, offset)
                               : pread(load->fd, load->buffer, kSequentialSize, offset);
    if (size != kSequentialSize) return 0;
  }
  return count / (now() - start);
}

static void tell(const char* what) {
  dprintf(3, "LINTEL-%s blk_rate\n", what);
  usleep(500000);
}

static double random_reads_alone(const struct load* load, unsigned part) {
  return random_reads(load, 1, 2000 / part);
}

static double random_reads_together(const struct load* load, unsigned part) {
  return random_reads(load, kMostInFlight, 8000 / part);
}

static double sequential_reads(const struct load* load, unsigned part) {
  return sequential(load, 0, 256 / part);
}

static double sequential_writes(const struct load* load, unsigned part) {
  return sequential(load, 1, 256 / part);
}

static const struct measurement {
  const char* name;
  // Of one of so many parts of all; or 0.
  double (*rate)(const struct load*, unsigned part);
} kMeasurements[] = {
    {"random_read_iops", random_reads_alone},
    {"random_read_iops_32", random_reads_together},
    {"sequential_read_mib", sequential_reads},
    {"sequential_write_mib", sequential_writes},
};
enum { kMeasurementCount = sizeof(kMeasurements) / sizeof(kMeasurements[0]), kRoundPart = 5 };

// 0, or what failed() returns.
static int measure(const struct load* load, unsigned part, double* rates) {
  for (unsigned i = 0; i < kMeasurementCount; ++i) {
    rates[i] = kMeasurements[i].rate(load, part);
    if (rates[i] == 0) return failed(kMeasurements[i].name);
  }
  return 0;
}

static void print(int fd, const double* rates) {
  for (unsigned i = 0; i < kMeasurementCount; ++i) {
    dprintf(fd, "%s%s=%.0f", i == 0 ? "" : " ", kMeasurements[i].name, rates[i]);
  }
  dprintf(fd, "\n");
}

int probe_blk_rate(int argc, char** argv) {
  struct load load;
  const char* device = argc > 1 ? argv[1] : "";
  const unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
  load.fd = open(device, O_RDWR | O_DIRECT | O_CLOEXEC);
  if (load.fd < 0 || ioctl(load.fd, BLKGETSIZE64, &load.bytes) != 0) return failed(device);
  if (posix_memalign((void**)&load.buffer, 4096, kSequentialSize) != 0) return failed("memory");
  memset(load.buffer, 1, kSequentialSize);
  double rates[kMeasurementCount];
  random_reads(&load, kMostInFlight, 256);  // so that all is in place
  tell("READY");
  if (measure(&load, 1, rates) != 0) return 1;
  tell("DONE");
  for (unsigned round = 1; round <= rounds; ++round) {
    char go;
    if (read(STDIN_FILENO, &go, 1) != 1) return failed("standard input");
    if (measure(&load, kRoundPart, rates) != 0) return 1;
    dprintf(3, "LINTEL-ROUND blk_rate %u ", round);
    print(3, rates);
  }
  print(STDOUT_FILENO, rates);
  return 0;
}
