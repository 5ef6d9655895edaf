/* SPDX-License-Identifier: Apache-2.0 */
/* Prints "OK" on the debug console and ends with 42. */
#include "guest.inc"

  guest_start
  print_byte $'O'
  print_byte $'K'
  print_byte $'\n'
  end_with $42
  guest_end
