/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the host bridge's identity by mechanism #1 and by ECAM, and looks for a ghost. Ends with 0
 * if they agree, or with the number of what is wrong. */
#include "guest.inc"

#define ECAM 0xb0000000

  guest_start
  mov $1, %ebx
  mov $PORT_PCI_ADDRESS, %dx
  mov $0x80000000, %eax
  out %eax, %dx
  mov $PORT_PCI_DATA, %dx
  in %dx, %eax
  cmp $0xffffffff, %eax
  je wrong

  mov $2, %ebx
  mov $ECAM, %esi
  cmp (%rsi), %eax
  jne wrong

  /* Bytes of the data port are bytes of the register. */
  mov $3, %ebx
  mov %eax, %ecx
  shr $16, %ecx
  mov $(PORT_PCI_DATA + 2), %dx
  in %dx, %ax
  cmp %ax, %cx
  jne wrong

  /* Function 1f.7 of the last bus is not there. */
  mov $4, %ebx
  mov $PORT_PCI_ADDRESS, %dx
  mov $0x80ffff00, %eax
  out %eax, %dx
  mov $PORT_PCI_DATA, %dx
  in %dx, %eax
  cmp $0xffffffff, %eax
  jne wrong
  mov $5, %ebx
  cmpl $0xffffffff, 0xffff000(%rsi)
  jne wrong
  end_with $0
wrong:
  end_with %ebx
  guest_end
