/* SPDX-License-Identifier: Apache-2.0 */
/* 20,000 accesses of random size, direction and value to the devices of the board, and as many to the
 * rest of the memory below RAM, configuration space among it. Left out: what would end the guest, the
 * interrupt controllers, and fw_cfg, whose DMA could write over this code. Ends with 0: the monitor
 * outlived it. */
#include "guest.inc"

#define COUNT 20000
#define DEVICES 0x09000000
#define HOLE 0x0a000000

/* x0 = the next of a xorshift64 sequence in x26. */
.macro next_random
  eor x26, x26, x26, lsl #13
  eor x26, x26, x26, lsr #7
  eor x26, x26, x26, lsl #17
  mov x0, x26
.endm

/* One access of 1, 2, 4 or 8 bytes to x21, aligned; half of them read. */
.macro access next
  next_random
  ubfx x1, x0, #33, #2
  mov x2, #1
  lsl x2, x2, x1
  sub x2, x2, #1
  bic x21, x21, x2
  ubfx x1, x0, #33, #3
  adr x2, table
  ldr w3, [x2, x1, lsl #2]
  add x2, x2, w3, sxtw
  adr x25, \next
  br x2
.endm

  guest_start
  movz x26, #0xcdef
  movk x26, #0x90ab, lsl #16
  movk x26, #0x5678, lsl #32
  movk x26, #0x1234, lsl #48
  load x22, COUNT
devices:
  next_random
  /* The serial port, the clock and the GPIO controller: 0, 1 and 3. */
  ubfx x1, x0, #20, #2
  cmp x1, #2
  b.eq next_device
  and x21, x0, #0xfff
  orr x21, x21, x1, lsl #16
  load x1, DEVICES
  add x21, x21, x1
  access next_device
next_device:
  subs x22, x22, #1
  b.ne devices

  load x22, COUNT
holes:
  next_random
  load x1, (RAM - 1)
  and x21, x0, x1
  load x1, HOLE
  cmp x21, x1
  b.lo next_hole
  access next_hole
next_hole:
  subs x22, x22, #1
  b.ne holes
  end_with #0

read1:
  ldrb w0, [x21]
  br x25
read2:
  ldrh w0, [x21]
  br x25
read4:
  ldr w0, [x21]
  br x25
read8:
  ldr x0, [x21]
  br x25
write1:
  strb w0, [x21]
  br x25
write2:
  strh w0, [x21]
  br x25
write4:
  str w0, [x21]
  br x25
write8:
  str x0, [x21]
  br x25
  .balign 4
table:
  .word read1 - table, read2 - table, read4 - table, read8 - table
  .word write1 - table, write2 - table, write4 - table, write8 - table
  guest_end
