/* SPDX-License-Identifier: Apache-2.0 */
/* Memory accesses of each size where nothing is: reads give all ones, writes do nothing. Ends with
 * 0, or with the number of the access that went wrong. */
#include "guest.inc"

  guest_start
  mov $MEMORY_EMPTY, %esi

  mov $1, %ebx
  movzbl (%rsi), %eax
  cmp $0xff, %eax
  jne wrong

  mov $2, %ebx
  movzwl 2(%rsi), %eax
  cmp $0xffff, %eax
  jne wrong

  mov $3, %ebx
  mov 4(%rsi), %eax
  cmp $0xffffffff, %eax
  jne wrong

  mov $4, %ebx
  mov 8(%rsi), %rax
  cmp $-1, %rax
  jne wrong

  /* Across a page: two accesses for the monitor, one for the guest. */
  mov $5, %ebx
  mov 4094(%rsi), %eax
  cmp $0xffffffff, %eax
  jne wrong

  mov $6, %ebx
  movb $1, (%rsi)
  movw $2, 2(%rsi)
  movl $3, 4(%rsi)
  movq $4, 8(%rsi)
  mov (%rsi), %rax
  cmp $-1, %rax
  jne wrong

  mov $7, %ebx
  xor %eax, %eax
  lock xaddl %eax, (%rsi)
  cmp $0xffffffff, %eax
  jne wrong
  end_with $0
wrong:
  end_with %ebx
  guest_end
