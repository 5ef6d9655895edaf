/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses of each size to devices whose registers are words: the identification of the serial port
 * (ARM DDI 0183, 3.3.15 and 3.3.16), one byte in each of eight words. Ends with 0, or with the number
 * of what is wrong. */
#include "guest.inc"

#define IDS (SERIAL + 0xfe0)

  guest_start
  load x21, IDS
  mov w20, #1
  ldr w0, [x21]
  expect w0, #0x11
  mov w20, #2
  ldrh w0, [x21]
  expect w0, #0x11
  mov w20, #3
  ldrb w0, [x21]
  expect w0, #0x11

  /* Two registers at once. */
  mov w20, #4
  ldr x0, [x21]
  load x1, 0x11
  movk x1, #0x10, lsl #32
  expect x0, x1

  /* Inside of a register. */
  mov w20, #5
  ldrb w0, [x21, #1]
  expect w0, #0
  mov w20, #6
  ldrh w0, [x21, #2]
  expect w0, #0

  /* The debug exit device ends nothing when it is read. */
  mov w20, #7
  load x22, DEBUG_EXIT
  ldrb w0, [x22, #3]
  ldr w0, [x22]
  expect w0, #0

  mov w20, #8
  expect w27, #0
  /* Misaligned: for device memory the CPU's own fault, which an emulated one may let pass. */
  ldr w0, [x21, #1]
  ldr x0, [x21, #6]
  end_with #0
  wrong_ends
  guest_end
