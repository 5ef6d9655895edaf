/* SPDX-License-Identifier: Apache-2.0 */
/* Prints a line and waits for interrupts, of which there are none: only a kick from outside ends
 * this. */
#include "guest.inc"

  guest_start
  print_byte #'H'
  print_byte #'\n'
  b halt
  guest_end
