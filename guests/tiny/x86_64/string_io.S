/* SPDX-License-Identifier: Apache-2.0 */
/* String instructions on ports: prints "string\n" by rep outsb; rep insb from an empty port fills
 * memory with ones and nothing around it. Ends with 0, or with the number of what went wrong. */
#include "guest.inc"

#define BUFFER 0x180000

  guest_start
  lea text(%rip), %rsi
  mov $(text_end - text), %ecx
  mov $PORT_DEBUG_CONSOLE, %dx
  rep outsb
  mov $1, %ebx
  test %ecx, %ecx
  jnz wrong
  lea text_end(%rip), %rax
  cmp %rax, %rsi
  jne wrong

  mov $2, %ebx
  mov $BUFFER, %edi
  xor %eax, %eax
  mov $4096, %ecx
  rep stosb
  /* More than fits into one exit's data. */
  mov $(BUFFER + 8), %edi
  mov $3000, %ecx
  mov $PORT_EMPTY, %dx
  rep insb
  mov $(BUFFER + 8), %edi
  mov $3000, %ecx
  mov $0xff, %al
  repe scasb
  jne wrong
  cmpb $0, BUFFER + 7
  jne wrong
  cmpb $0, BUFFER + 3008
  jne wrong

  mov $3, %ebx
  mov $(BUFFER + 4096), %edi
  mov $64, %ecx
  rep insl
  cmpl $0xffffffff, BUFFER + 4096 + 63 * 4
  jne wrong
  mov $BUFFER, %esi
  mov $100, %ecx
  rep outsw
  end_with $0
wrong:
  end_with %ebx
  guest_end

text:
  .ascii "string\n"
text_end:
