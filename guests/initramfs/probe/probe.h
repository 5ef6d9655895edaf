// SPDX-License-Identifier: Apache-2.0
// The guest's static helper: what the check scripts cannot do in shell. Every command returns its
// exit status and prints one line of detail on standard output.
#pragma once

#include <stddef.h>
#include <stdint.h>

int probe_bar(int argc, char** argv);
int probe_blk(int argc, char** argv);
int probe_blk_rate(int argc, char** argv);
int probe_button(int argc, char** argv);
int probe_copy_device(int argc, char** argv);
int probe_echo(int argc, char** argv);
int probe_edu(int argc, char** argv);
int probe_edu_peer(int argc, char** argv);
int probe_end(int argc, char** argv);
int probe_evil(int argc, char** argv);
int probe_insmod(int argc, char** argv);
int probe_memory(int argc, char** argv);
int probe_programmable(int argc, char** argv);
int probe_toggle(int argc, char** argv);

// A repeatable pseudo-random sequence (xorshift64*); the state must not be 0.
uint64_t next_random(uint64_t* state);

// Fills or checks a buffer with the pattern of (seed, position in units of 8 bytes).
void fill_pattern(void* buffer, size_t bytes, uint64_t seed, uint64_t position);
int matches_pattern(const void* buffer, size_t bytes, uint64_t seed, uint64_t position);

// Prints "what: strerror" as the detail line and returns 1.
int failed(const char* what);

// Prints "what: value" as the detail line and returns 1.
int wrong(const char* what, uint64_t value);

// Of a clock that does not jump.
double seconds(void);
static const double kLimit = 30;  // seconds to wait for a device: an emulated host may be slow

struct range {
  unsigned first;
  unsigned last;
};

// The board's own devices, by numbers from 0 on: I/O ports, or offsets into the memory where an
// architecture without ports has them. ports_ARCH.c.
struct ports {
  unsigned count;
  const struct range* busy;  // where devices are
  size_t busy_count;
  const struct range* forbidden;  // what a guest that wants to live leaves alone
  size_t forbidden_count;
  struct range serial;  // the console, if it is serial
};
extern const struct ports kPorts;

// Sizes are 1, 2 and 4. On arm64 wants iomem=relaxed, and aligns the access.
int ports_open(void);
uint32_t port_read(unsigned port, unsigned size);
void port_write(unsigned port, unsigned size, uint32_t value);
// Ends the machine through the debug exit device.
int debug_exit(uint32_t status);
