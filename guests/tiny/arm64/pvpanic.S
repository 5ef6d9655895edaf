/* SPDX-License-Identifier: Apache-2.0 */
/* Says that it has panicked. */
#include "guest.inc"

  guest_start
  load x1, PVPANIC
  ldrb w0, [x1]
  tbz w0, #0, absent
  mov w0, #1
  strb w0, [x1]
  b halt
absent:
  end_with #1
  guest_end
