/* SPDX-License-Identifier: Apache-2.0 */
/* Asks for a full reset by the reset control register (ICH9 datasheet, 13.7.5). */
#include "guest.inc"

  guest_start
  mov $PORT_RESET, %dx
  mov $0x02, %al /* hard reset, not yet */
  out %al, %dx
  mov $0x06, %al
  out %al, %dx
  jmp halt
  guest_end
