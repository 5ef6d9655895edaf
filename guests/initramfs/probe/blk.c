// SPDX-License-Identifier: Apache-2.0
// blk write|verify|full DEVICE SEED [MIB]: patterns on a block device, at most MIB of it.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "probe.h"

enum { kChunk = 256 * 1024, kSector = 512 };

struct disk {
  int fd;
  uint64_t bytes;
  uint64_t seed;
  char* buffer;
};

static int open_disk(struct disk* disk, const char* path, int flags) {
  disk->fd = open(path, flags | O_CLOEXEC);
  if (disk->fd < 0 || ioctl(disk->fd, BLKGETSIZE64, &disk->bytes) != 0) return failed(path);
  if (posix_memalign((void**)&disk->buffer, 4096, kChunk) != 0) return failed("memory");
  return 0;
}

static size_t chunk_at(uint64_t offset, uint64_t end) {
  return end - offset < kChunk ? end - offset : kChunk;
}

static int write_all(const struct disk* disk) {
  for (uint64_t offset = 0; offset < disk->bytes; offset += kChunk) {
    size_t size = chunk_at(offset, disk->bytes);
    fill_pattern(disk->buffer, size, disk->seed, offset / 8);
    if (pwrite(disk->fd, disk->buffer, size, offset) != (ssize_t)size) return failed("write");
  }
  return fsync(disk->fd) == 0 ? 0 : failed("flush");
}

static int verify_range(const struct disk* disk, uint64_t begin, uint64_t end) {
  for (uint64_t offset = begin; offset < end; offset += kChunk) {
    size_t size = chunk_at(offset, end);
    if (pread(disk->fd, disk->buffer, size, offset) != (ssize_t)size) return failed("read");
    if (!matches_pattern(disk->buffer, size, disk->seed, offset / 8)) {
      printf("wrong data within %u bytes of offset %llu\n", (unsigned)size,
             (unsigned long long)offset);
      return 1;
    }
  }
  return 0;
}

static int verify_all(const struct disk* disk) {
  return verify_range(disk, 0, disk->bytes);
}

// Requests of 1 to 64 sectors at random sector offsets: heads, tails and merges of all sizes.
static int verify_scattered(const struct disk* disk, unsigned count) {
  uint64_t random = disk->seed | 1;
  uint64_t sectors = disk->bytes / kSector;
  for (unsigned i = 0; i < count; ++i) {
    uint64_t length = 1 + next_random(&random) % 64;
    if (length > sectors) length = sectors;
    uint64_t first = next_random(&random) % (sectors - length + 1);
    size_t size = length * kSector;
    if (pread(disk->fd, disk->buffer, size, first * kSector) != (ssize_t)size) {
      return failed("scattered read");
    }
    if (!matches_pattern(disk->buffer, size, disk->seed, first * kSector / 8)) {
      printf("wrong data in %u bytes at sector %llu\n", (unsigned)size, (unsigned long long)first);
      return 1;
    }
  }
  return 0;
}

static int is_zero(const char* buffer, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) {
    if (buffer[i] != 0) return 0;
  }
  return 1;
}

static uint64_t third_of(const struct disk* disk) {
  return disk->bytes / 3 & ~(uint64_t)4095;
}

static int verify_outer_thirds(const struct disk* disk) {
  uint64_t third = third_of(disk);
  return verify_range(disk, 0, third) || verify_range(disk, 2 * third, disk->bytes);
}

// The rest must stay.
static int zero_middle_third(const struct disk* disk) {
  uint64_t third = third_of(disk);
  uint64_t range[2] = {third, third};
  if (third == 0) return 0;
  if (ioctl(disk->fd, BLKZEROOUT, range) != 0) return failed("write zeroes");
  for (uint64_t offset = third; offset < 2 * third; offset += kChunk) {
    size_t size = chunk_at(offset, 2 * third);
    if (pread(disk->fd, disk->buffer, size, offset) != (ssize_t)size) return failed("read zeroes");
    if (!is_zero(disk->buffer, size)) {
      puts("data left after write zeroes");
      return 1;
    }
  }
  return verify_outer_thirds(disk);
}

// Nothing is promised about what is read there afterwards; the rest must stay.
static int discard_middle_third(const struct disk* disk) {
  uint64_t third = third_of(disk);
  uint64_t range[2] = {third, third};
  if (third == 0) return 0;
  if (ioctl(disk->fd, BLKDISCARD, range) != 0 && errno != EOPNOTSUPP) return failed("discard");
  return verify_outer_thirds(disk);
}

static int full(struct disk* disk, const char* path) {
  if (write_all(disk) || verify_all(disk)) return 1;
  // Again past the page cache, so that the device itself answers.
  close(disk->fd);
  disk->fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
  if (disk->fd < 0) return failed("O_DIRECT");
  if (verify_all(disk) || verify_scattered(disk, 200)) return 1;
  disk->seed += 1;
  if (write_all(disk) || verify_all(disk)) return 1;
  if (zero_middle_third(disk) || discard_middle_third(disk)) return 1;
  if (write_all(disk) || verify_all(disk)) return 1;
  // Last, so that the host sees what the device made of it.
  return discard_middle_third(disk);
}

int probe_blk(int argc, char** argv) {
  if (argc < 4) return fputs("usage: blk write|verify|full DEVICE SEED [MIB]\n", stderr), 2;
  const char* mode = argv[1];
  struct disk disk = {.fd = -1, .seed = strtoull(argv[3], NULL, 0)};
  int flags = strcmp(mode, "verify") == 0 ? O_RDONLY | O_DIRECT : O_RDWR;
  if (open_disk(&disk, argv[2], flags) != 0) return 1;
  uint64_t limit = argc > 4 ? strtoull(argv[4], NULL, 0) << 20 : UINT64_MAX;
  if (disk.bytes > limit) disk.bytes = limit;
  int status = 2;
  if (strcmp(mode, "write") == 0) status = write_all(&disk);
  if (strcmp(mode, "verify") == 0) status = verify_all(&disk);
  if (strcmp(mode, "full") == 0) status = full(&disk, argv[2]);
  if (status == 0) printf("%s: %llu bytes\n", mode, (unsigned long long)disk.bytes);
  return status;
}
