// SPDX-License-Identifier: Apache-2.0
// An architecture without ports: nothing is there to be opened, read or written.
#include <stdio.h>

#include "probe.h"

int ports_open(void) {
  return 0;
}

uint32_t port_read(unsigned port, unsigned size) {
  (void)port;
  (void)size;
  return 0;
}

void port_write(unsigned port, unsigned size, uint32_t value) {
  (void)port;
  (void)size;
  (void)value;
}

int debug_exit(uint32_t status) {
  printf("no debug exit port on this architecture for status %u\n", status);
  return 1;
}
