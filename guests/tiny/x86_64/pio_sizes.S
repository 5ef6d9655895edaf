/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses of each size to a port where nothing is: reads give all ones and leave the rest of RAX
 * alone, writes do nothing. Ends with 0, or with the number of the access that went wrong. */
#include "guest.inc"

  guest_start
  mov $PORT_EMPTY, %dx

  mov $1, %ebx
  mov $0x11223344, %eax
  in %dx, %al
  cmp $0x112233ff, %eax
  jne wrong

  mov $2, %ebx
  mov $0x11223344, %eax
  in %dx, %ax
  cmp $0x1122ffff, %eax
  jne wrong

  mov $3, %ebx
  xor %eax, %eax
  in %dx, %eax
  cmp $0xffffffff, %eax
  jne wrong

  mov $4, %ebx
  mov $0x55aa55aa, %eax
  out %al, %dx
  out %ax, %dx
  out %eax, %dx
  cmp $0x55aa55aa, %eax
  jne wrong

  /* The last ports: a wide access must not wrap round to port 0. */
  mov $5, %ebx
  mov $0xffff, %dx
  xor %eax, %eax
  in %dx, %al
  cmp $0xff, %eax
  jne wrong
  end_with $0
wrong:
  end_with %ebx
  guest_end
