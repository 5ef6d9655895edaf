// SPDX-License-Identifier: Apache-2.0
// toggle SYSFS-FOLDER COUNT SECONDS: switches a function's memory off and on COUNT times, or for
// SECONDS, and lets it sleep and wake in between, while another process reads its BAR 0 all the
// time. Each read gives ones or what the register holds.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pci.h"
#include "probe.h"

// PCI Bus Power Management Interface 1.2, 3.2.4.
enum { kPowerControl = 4, kPowerMask = 3, kSleep = 3 };
enum { kTogglesPerSleep = 64 };

struct shared {
  uint64_t values;
  uint64_t ones;
  uint32_t wrong;
};

static void read_for_ever(const volatile uint32_t* word, uint32_t value,
                          volatile struct shared* shared) {
  for (;;) {
    const uint32_t got = *word;
    if (got == value) {
      ++shared->values;
    } else if (got == UINT32_MAX) {
      ++shared->ones;
    } else {
      shared->wrong = got;
      _exit(1);
    }
  }
}

// Returns how often, or -1.
static long toggle(int config, long count, double limit) {
  const unsigned power = find_capability(config, kCapabilityPower);
  const uint32_t control = power ? config_get(config, power + kPowerControl, 2) & ~kPowerMask : 0;
  const double start = seconds();
  long done = 0;
  for (; done < count && seconds() - start < limit; ++done) {
    if (config_put(config, kCommandRegister, 2, 0)) return -1;
    if (config_put(config, kCommandRegister, 2, kMemoryOn)) return -1;
    if (!power || done % kTogglesPerSleep) continue;
    if (config_put(config, power + kPowerControl, 2, control | kSleep)) return -1;
    if (config_put(config, power + kPowerControl, 2, control)) return -1;
  }
  return done;
}

int probe_toggle(int argc, char** argv) {
  if (argc < 4) return fputs("usage: toggle SYSFS-FOLDER COUNT SECONDS\n", stderr), 2;
  if (chdir(argv[1]) != 0) return failed(argv[1]);
  const int config = open_config();
  volatile char* bar = map_bar(0, NULL);
  if (config < 0 || bar == MAP_FAILED) return failed("config, resource0");
  struct shared* shared =
      mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return failed("memory");
  if (config_put(config, kCommandRegister, 2, kMemoryOn)) return 1;
  const volatile uint32_t* word = (const volatile uint32_t*)bar;
  const uint32_t value = *word;
  if (value == UINT32_MAX) return wrong("it does not answer", value);
  const pid_t reader = fork();
  if (reader < 0) return failed("fork");
  if (reader == 0) read_for_ever(word, value, shared);
  const long done = toggle(config, atol(argv[2]), atof(argv[3]));
  int status = 0;
  kill(reader, SIGKILL);
  waitpid(reader, &status, 0);
  if (done < 0) return 1;
  if (WIFEXITED(status)) return wrong("neither ones nor the register's value", shared->wrong);
  if (*word != value) return wrong("in the end it reads as", *word);
  if (shared->values == 0 || shared->ones == 0) {
    return wrong("it never read as", shared->values == 0 ? value : UINT32_MAX);
  }
  printf("%ld times off and on; %llu values and %llu times ones read\n", done,
         (unsigned long long)shared->values, (unsigned long long)shared->ones);
  return 0;
}
