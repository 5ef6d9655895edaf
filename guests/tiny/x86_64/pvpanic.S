/* SPDX-License-Identifier: Apache-2.0 */
/* Says that it has panicked. */
#include "guest.inc"

  guest_start
  mov $PORT_PVPANIC, %dx
  in %dx, %al
  test $1, %al
  jz absent
  mov $1, %al
  out %al, %dx
  jmp halt
absent:
  end_with $1
  guest_end
