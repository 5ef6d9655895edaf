/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the identity of the first function by ECAM in several sizes, and looks for a ghost. Ends with
 * 0, or with the number of what is wrong. */
#include "guest.inc"

#define DEVICE_STEP 0x8000
#define BUS_END (ECAM + 0x100000)

  guest_start
  mov w20, #1
  load x21, (ECAM - DEVICE_STEP)
  load x23, BUS_END
look:
  add x21, x21, #DEVICE_STEP >> 12, lsl #12
  cmp x21, x23
  b.hs wrong
  ldr w22, [x21]
  cmn w22, #1
  b.eq look

  mov w20, #2
  ldrh w0, [x21, #2]
  lsr w1, w22, #16
  expect w0, w1

  mov w20, #3
  ldrb w0, [x21, #1]
  ubfx w1, w22, #8, #8
  expect w0, w1

  /* Wider than a register: command and status follow. */
  mov w20, #4
  ldr x0, [x21]
  expect w0, w22

  /* The vendor cannot be written. */
  mov w20, #5
  str wzr, [x21]
  ldr w0, [x21]
  expect w0, w22

  /* Function 1f.7 is not there. */
  mov w20, #6
  load x23, (BUS_END - 0x1000)
  ldr w0, [x23]
  cmn w0, #1
  b.ne wrong

  mov w20, #7
  expect w27, #0
  end_with #0
  wrong_ends
  guest_end
