/* SPDX-License-Identifier: Apache-2.0 */
/* A breakpoint without a usable IDT: a triple fault. */
#include "guest.inc"

  guest_start
  lidt empty_table(%rip)
  int3
  end_with $1
  guest_end

  .balign 8
empty_table:
  .word 0
  .quad 0
