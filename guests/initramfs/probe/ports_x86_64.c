// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <sys/io.h>

#include "probe.h"

enum { kDebugExitPort = 0xf4 };

// What ends the guest, or belongs to the host kernel's interrupt controllers and timer.
static const struct range kForbidden[] = {
    {0x20, 0x21}, {0x40, 0x43},   {0x60, 0x64},   {0x92, 0x92},   {0xa0, 0xa1},
    {0xf4, 0xf7}, {0xcf9, 0xcf9}, {0x4d0, 0x4d1}, {0x505, 0x505}, {0x604, 0x605},
};
static const struct range kBusy[] = {
    {0x61, 0x61},   {0x70, 0x77},   {0x80, 0x80},     {0x2e8, 0x2ef},
    {0x2f8, 0x2ff}, {0x3e8, 0x3ef}, {0x402, 0x402},   {0x510, 0x51b},
    {0x600, 0x62f}, {0xcf8, 0xcff}, {0xae00, 0xae1f}, {0xb2, 0xb3},
};
const struct ports kPorts = {
    .count = 0x10000,
    .busy = kBusy,
    .busy_count = sizeof(kBusy) / sizeof(kBusy[0]),
    .forbidden = kForbidden,
    .forbidden_count = sizeof(kForbidden) / sizeof(kForbidden[0]),
    .serial = {0x3f8, 0x3ff},
};

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
