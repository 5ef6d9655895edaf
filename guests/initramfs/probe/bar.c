// SPDX-License-Identifier: Apache-2.0
// bar RESOURCE write|verify SEED: a pattern in the first and the last MiB of a BAR that is memory.
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
  if (argc < 4) return fputs("usage: bar RESOURCE write|verify SEED\n", stderr), 2;
  int fd = open(argv[1], O_RDWR | O_CLOEXEC);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0) return failed(argv[1]);
  const size_t size = (size_t)status.st_size;
  const size_t span = size < 2 * kSpan ? size / 2 : kSpan;
  char* memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return failed("mmap");
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
  printf("%zu KiB at each end of %zu MiB\n", span >> 10, size >> 20);
  return 0;
}
