// SPDX-License-Identifier: Apache-2.0
// The smallest init: loads the modules at /0, /1, ... (a virtio console needs two), prints
// "LINTEL-INIT seconds-since-boot" and powers off; as the program "wait" (kernel command line:
// rdinit=/wait) it waits instead, so that the monitor can be looked at. Freestanding, so that
// unpacking and starting it costs next to nothing of what is measured.
#include <fcntl.h>
#include <linux/reboot.h>
#include <sys/syscall.h>
#include <time.h>

#include "syscall.h"

static void load_modules(void) {
  char path[] = "/0";
  for (; path[1] <= '9'; ++path[1]) {
    long fd = system_call(SYS_openat, AT_FDCWD, (long)path, O_RDONLY, 0);
    if (fd < 0) return;
    system_call(SYS_finit_module, fd, (long)"", 0, 0);
    system_call(SYS_close, fd, 0, 0, 0);
  }
}

// Writes `value` in decimal, at least `digits` long, ending before `end`; returns where it begins.
static char* decimal(char* end, unsigned long value, int digits) {
  do {
    *--end = '0' + value % 10;
    value /= 10;
    digits -= 1;
  } while (value != 0 || digits > 0);
  return end;
}

// Opened here, because a console that came with a module was not there when the kernel tried; and
// again, because some come a moment after their module.
static long open_console(void) {
  long console = -1;
  for (int i = 0; i < 2000; ++i) {
    console = system_call(SYS_openat, AT_FDCWD, (long)"/dev/console", O_WRONLY, 0);
    if (console >= 0) break;
    system_call(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, (long)&(struct timespec){0, 1000000}, 0);
  }
  return console;
}

void _start(void) {
  struct timespec now = {0, 0};
  char line[64];
  char* end = line + sizeof(line);
  load_modules();
  system_call(SYS_clock_gettime, CLOCK_BOOTTIME, (long)&now, 0, 0);
  char* begin = end;
  *--begin = '\n';
  begin = decimal(begin, now.tv_nsec / 1000, 6);
  *--begin = '.';
  begin = decimal(begin, now.tv_sec, 1);
  static const char kMarker[] = "LINTEL-INIT ";
  for (int i = sizeof(kMarker) - 2; i >= 0; --i) *--begin = kMarker[i];
  long console = open_console();
  system_call(SYS_write, console, (long)begin, end - begin, 0);
  // TCSBRK with 1 waits until the console has sent everything.
  system_call(SYS_ioctl, console, 0x5409, 1, 0);
#ifndef LINTEL_WAIT
  system_call(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_POWER_OFF, 0);
#endif
  for (;;)
    system_call(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, (long)&(struct timespec){3600, 0}, 0);
}
