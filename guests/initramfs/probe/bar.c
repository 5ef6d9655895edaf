// SPDX-License-Identifier: Apache-2.0
// bar RESOURCE write|verify SEED START [SIZE]: a pattern in the first and the last MiB of a BAR
// that is memory and begins at START; of its first SIZE bytes, if the device has no more.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe.h"

enum { kSpan = 1 << 20 };

int probe_bar(int argc, char** argv) {
  if (argc < 5) return fputs("usage: bar RESOURCE write|verify SEED START [SIZE]\n", stderr), 2;
  int fd = open(argv[1], O_RDWR | O_CLOEXEC);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0) return failed(argv[1]);
  const size_t size = argc > 5 ? strtoull(argv[5], NULL, 0) : (size_t)status.st_size;
  // A BAR that is smaller than a page may begin anywhere in it.
  const size_t within = strtoull(argv[4], NULL, 0) % (size_t)sysconf(_SC_PAGESIZE);
  const size_t span = size < 2 * kSpan ? size / 2 : kSpan;
  char* page = mmap(NULL, within + size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) return failed("mmap");
  char* memory = page + within;
  const uint64_t seed = strtoull(argv[3], NULL, 0);
  char* places[] = {memory, memory + size - span};
  for (unsigned i = 0; i < 2; ++i) {
    if (strcmp(argv[2], "write") == 0) {
      fill_pattern(places[i], span, seed, (uint64_t)(places[i] - memory) / 8);
    }
    if (!matches_pattern(places[i], span, seed, (uint64_t)(places[i] - memory) / 8)) {
      printf("wrong data at %#zx of %#zx\n", (size_t)(places[i] - memory), size);
      return 1;
    }
  }
  printf("%zu bytes at each end of %#zx\n", span, size);
  return 0;
}
