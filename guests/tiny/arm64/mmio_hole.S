/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses where nothing is, of each size and through a mapping as normal memory, which lets them be
 * misaligned: reads give all ones, writes do nothing. What the CPU does not describe to the
 * hypervisor (pairs, write-back, vectors, atomics: Arm ARM, D17.2.37, ISV) is an external abort, and
 * the machine goes on. Ends with 0, or with the number of the access that went wrong. */
#include "guest.inc"

/* Level 1 blocks of a gigabyte: normal memory, shared, accessed (Arm ARM, D8.3). */
#define BLOCK 0x701

.macro counts instruction, operands:vararg
  mov w27, #0
  \instruction \operands
  expect w27, #1
  /* A data abort from EL1, external: Arm ARM, D17.2.37. */
  and w0, w28, #0xfc000000
  load w1, (0x25 << 26)
  expect w0, w1
.endm

  guest_start
  /* The first two gigabytes one to one. */
  mov x0, #BLOCK
  str x0, [x19]
  load x1, RAM
  orr x0, x0, x1
  str x0, [x19, #8]
  msr ttbr0_el1, x19
  mov x0, #0x44 /* attribute 0: normal, not cached */
  msr mair_el1, x0
  load x0, (32 | 1 << 23) /* 4 GiB; no second half (TCR_EL1: Arm ARM, D19.2.139) */
  msr tcr_el1, x0
  dsb sy
  tlbi vmalle1
  dsb sy
  isb
  mrs x0, sctlr_el1
  orr x0, x0, #1  /* M */
  bic x0, x0, #2  /* A */
  msr sctlr_el1, x0
  mov x0, #(3 << 20) /* vectors */
  msr cpacr_el1, x0
  isb

  load x21, MEMORY_EMPTY
  mov w20, #1
  ldrb w0, [x21]
  expect w0, #0xff
  mov w20, #2
  ldrh w0, [x21, #2]
  mov w1, #0xffff
  expect w0, w1
  mov w20, #3
  ldr w0, [x21, #4]
  cmn w0, #1
  b.ne wrong
  mov w20, #4
  ldr x0, [x21, #8]
  cmn x0, #1
  b.ne wrong
  /* Across a page, and at odd places. */
  mov w20, #5
  mov x2, #4094
  ldr w0, [x21, x2]
  cmn w0, #1
  b.ne wrong
  mov w20, #6
  mov x2, #4089
  ldr x0, [x21, x2]
  cmn x0, #1
  b.ne wrong

  mov w20, #7
  mov w0, #1
  strb w0, [x21]
  strh w0, [x21, #3]
  str w0, [x21, #5]
  str x0, [x21, x2]
  ldr x0, [x21]
  cmn x0, #1
  b.ne wrong
  expect w27, #0

  mov w20, #8
  counts ldp, x2, x3, [x21]
  mov w20, #9
  counts stp, x2, x3, [x21]
  mov w20, #10
  mov x4, x21
  counts ldr, x2, [x4], #8
  mov w20, #11
  counts ldr, q0, [x21]
  mov w20, #12
  counts ldadd, w2, w3, [x21]
  mov w20, #13
  counts ldxr, w2, [x21]

  /* All is as before. */
  mov w20, #14
  mov w27, #0
  ldr w0, [x21]
  cmn w0, #1
  b.ne wrong
  expect w27, #0
  end_with #0
  wrong_ends
  guest_end
