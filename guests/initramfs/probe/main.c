// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

uint64_t next_random(uint64_t* state) {
  uint64_t x = *state;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  *state = x;
  return x * 0x2545F4914F6CDD1DULL;
}

static uint64_t pattern_word(uint64_t seed, uint64_t position) {
  uint64_t x = (position + 1) * 0x9E3779B97F4A7C15ULL ^ seed * 0xD1B54A32D192ED03ULL;
  x ^= x >> 32;
  x *= 0xBF58476D1CE4E5B9ULL;
  return x ^ x >> 29;
}

void fill_pattern(void* buffer, size_t bytes, uint64_t seed, uint64_t position) {
  uint64_t* words = buffer;
  for (size_t i = 0; i < bytes / 8; ++i) words[i] = pattern_word(seed, position + i);
}

int matches_pattern(const void* buffer, size_t bytes, uint64_t seed, uint64_t position) {
  const uint64_t* words = buffer;
  for (size_t i = 0; i < bytes / 8; ++i) {
    if (words[i] != pattern_word(seed, position + i)) return 0;
  }
  return 1;
}

int failed(const char* what) {
  printf("%s: %s\n", what, strerror(errno));
  return 1;
}

int wrong(const char* what, uint64_t value) {
  printf("%s: %#llx\n", what, (unsigned long long)value);
  return 1;
}

double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// Whether the module in the file `path` is the one that `word`, "MODULE.PARAMETER=VALUE" of the
// kernel's command line, is for; then where the parameter begins.
static const char* parameter_for(const char* path, const char* word) {
  for (; *word == *path || (*word == '_' && *path == '-') || (*word == '-' && *path == '_');
       ++path) {
    if (*word++ == '.') return word;
  }
  return NULL;
}

// The module's parameters from the kernel's command line, as modprobe(8) takes them from it.
static void find_parameters(const char* path, const char* cmdline, char* parameters, size_t size) {
  char words[4096];
  char* rest = words;
  snprintf(words, sizeof(words), "%s", cmdline);
  *parameters = '\0';
  for (char* word; (word = strsep(&rest, " \n")) != NULL;) {
    const char* parameter = parameter_for(path, word);
    if (!parameter) continue;
    const size_t used = strlen(parameters);
    snprintf(parameters + used, size - used, "%s ", parameter);
  }
}

// Loads modules in the order given, each a file of the current folder; one process for all, because
// forks are dear in nested hosts.
int probe_insmod(int argc, char** argv) {
  int status = 0;
  char cmdline[4096] = "";
  char parameters[1024];
  int file = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
  if (file < 0 || read(file, cmdline, sizeof(cmdline) - 1) < 0) status = failed("/proc/cmdline");
  if (file >= 0) close(file);
  for (int i = 1; i < argc; ++i) {
    int fd = open(argv[i], O_RDONLY | O_CLOEXEC);
    find_parameters(argv[i], cmdline, parameters, sizeof(parameters));
    if (fd < 0 || (syscall(SYS_finit_module, fd, parameters, 0) != 0 && errno != EEXIST)) {
      status = failed(argv[i]);
    }
    if (fd >= 0) close(fd);
  }
  return status;
}

// memory MIB: writes a pattern over that much memory, and only then reads all of it back.
int probe_memory(int argc, char** argv) {
  size_t bytes = argc > 1 ? strtoull(argv[1], NULL, 0) << 20 : 0;
  char* memory =
      mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return failed("mmap");
  fill_pattern(memory, bytes, 1, 0);
  if (!matches_pattern(memory, bytes, 1, 0)) {
    puts("memory does not hold what was written");
    return 1;
  }
  printf("%zu MiB hold their pattern\n", bytes >> 20);
  return 0;
}

static const struct {
  const char* name;
  int (*run)(int argc, char** argv);
} kCommands[] = {
    {"bar", probe_bar},
    {"blk", probe_blk},
    {"blk_rate", probe_blk_rate},
    {"button", probe_button},
    {"copy_device", probe_copy_device},
    {"echo", probe_echo},
    {"edu", probe_edu},
    {"edu_peer", probe_edu_peer},
    {"end", probe_end},
    {"evil", probe_evil},
    {"insmod", probe_insmod},
    {"memory", probe_memory},
    {"programmable", probe_programmable},
    {"toggle", probe_toggle},
};

int main(int argc, char** argv) {
  for (size_t i = 0; argc > 1 && i < sizeof(kCommands) / sizeof(kCommands[0]); ++i) {
    if (strcmp(argv[1], kCommands[i].name) == 0) return kCommands[i].run(argc - 1, argv + 1);
  }
  fputs(
      "usage: probe bar|blk|blk_rate|button|copy_device|echo|edu|end|evil|insmod|memory|"
      "programmable|toggle ARGUMENTS\n",
      stderr);
  return 2;
}
