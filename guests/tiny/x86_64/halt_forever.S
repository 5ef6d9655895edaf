/* SPDX-License-Identifier: Apache-2.0 */
/* Prints a line and halts with interrupts off: only a kick from outside ends this. */
#include "guest.inc"

  guest_start
  print_byte $'H'
  print_byte $'\n'
  jmp halt
  guest_end
