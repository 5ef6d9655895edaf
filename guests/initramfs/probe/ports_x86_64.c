// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <sys/io.h>

#include "probe.h"

enum { kDebugExitPort = 0xf4 };

int ports_open(void) {
  return iopl(3);
}

uint32_t port_read(unsigned port, unsigned size) {
  switch (size) {
    case 1: return inb(port);
    case 2: return inw(port);
    default: return inl(port);
  }
}

void port_write(unsigned port, unsigned size, uint32_t value) {
  switch (size) {
    case 1: outb(value, port); break;
    case 2: outw(value, port); break;
    default: outl(value, port); break;
  }
}

int debug_exit(uint32_t status) {
  if (ports_open() != 0) return failed("iopl");
  outl(status, kDebugExitPort);
  puts("the debug exit port did not end the machine");
  return 1;
}
