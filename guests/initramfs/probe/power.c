// SPDX-License-Identifier: Apache-2.0
// button SECONDS: waits for the power button.  end HOW: ends the machine.
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <termios.h>
#include <unistd.h>

#include "probe.h"

// By what it can send: ACPI's and a GPIO line's have different names.
static int open_power_button(void) {
  for (int i = 0; i < 32; ++i) {
    char path[32];
    unsigned char keys[KEY_MAX / 8 + 1] = {0};
    snprintf(path, sizeof(path), "/dev/input/event%d", i);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    if (ioctl(fd, EVIOCGBIT(EV_KEY, sizeof(keys)), keys) > 0 &&
        keys[KEY_POWER / 8] >> KEY_POWER % 8 & 1) {
      return fd;
    }
    close(fd);
  }
  errno = ENODEV;
  return -1;
}

int probe_button(int argc, char** argv) {
  int fd = open_power_button();
  if (fd < 0) return failed("no power button");
  // Whoever presses the button waits for this line on the console: /init's descriptor 3.
  dprintf(3, "LINTEL-READY button\n");
  int timeout_ms = (argc > 1 ? atoi(argv[1]) : 60) * 1000;
  for (;;) {
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    struct input_event event;
    if (poll(&poll_fd, 1, timeout_ms) <= 0) {
      puts("nobody pressed the power button");
      return 1;
    }
    if (read(fd, &event, sizeof(event)) != sizeof(event)) return failed("read");
    if (event.type == EV_KEY && event.code == KEY_POWER && event.value == 1) {
      puts("power button pressed");
      return 0;
    }
  }
}

// The console driver still holds the last lines when the program returns: they must get out.
int probe_end(int argc, char** argv) {
  const char* how = argc > 1 ? argv[1] : "poweroff";
  tcdrain(STDOUT_FILENO);
  sync();
  if (strncmp(how, "exit:", 5) == 0) return debug_exit(strtoul(how + 5, NULL, 0));
  if (strcmp(how, "poweroff") == 0) return reboot(RB_POWER_OFF);
  if (strcmp(how, "reboot") == 0) return reboot(RB_AUTOBOOT);
  if (strcmp(how, "halt") == 0) return reboot(RB_HALT_SYSTEM);
  fprintf(stderr, "end: unknown way '%s'\n", how);
  return 2;
}
