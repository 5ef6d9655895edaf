/* SPDX-License-Identifier: Apache-2.0 */
/* 20,000 accesses of random size, direction and value to random ports, and as many to random
 * addresses where there is no RAM. Left out: what would end the guest, and the interrupt
 * controllers. Ends with 0: the monitor outlived it. */
#include "guest.inc"

#define COUNT 20000
#define FIRST_HOLE 0x80000000

/* RAX = the next of a xorshift64 sequence in R15. */
.macro next_random
  mov %r15, %rax
  shl $13, %rax
  xor %rax, %r15
  mov %r15, %rax
  shr $7, %rax
  xor %rax, %r15
  mov %r15, %rax
  shl $17, %rax
  xor %rax, %r15
  mov %r15, %rax
.endm

/* Jumps to `skip` if the 8 ports from %dx - 3 on meet \first..\last. */
.macro forbid first, last, skip
  movzwl %dx, %ebx
  sub $(\first - 3), %ebx
  cmp $(\last - \first + 3), %ebx
  jbe \skip
.endm

  guest_start
  mov $0x1234567890abcdef, %r15
  mov $COUNT, %r14d
ports:
  next_random
  mov %eax, %edx
  forbid 0x20, 0x21, next_port
  forbid 0x40, 0x43, next_port
  forbid 0x60, 0x64, next_port
  forbid 0x92, 0x92, next_port
  forbid 0xa0, 0xa1, next_port
  forbid 0xf4, 0xf7, next_port
  forbid 0x4d0, 0x4d1, next_port
  forbid 0x505, 0x505, next_port
  forbid 0x510, 0x51b, next_port /* its DMA could write over this code */
  forbid 0x604, 0x605, next_port
  forbid 0xcf9, 0xcf9, next_port
  next_random
  mov %rax, %rcx
  shr $32, %rcx
  and $7, %ecx
  lea port_table(%rip), %rbx
  movslq (%rbx, %rcx, 4), %rcx
  add %rbx, %rcx
  jmp *%rcx
port_in1:
  in %dx, %al
  jmp next_port
port_in2:
  in %dx, %ax
  jmp next_port
port_in4:
  in %dx, %eax
  jmp next_port
port_out1:
  out %al, %dx
  jmp next_port
port_out2:
  out %ax, %dx
  jmp next_port
port_out4:
  out %eax, %dx
next_port:
  dec %r14d
  jnz ports

  mov $COUNT, %r14d
holes:
  next_random
  /* From 2 GiB up to the I/O APIC. */
  mov %eax, %esi
  or $FIRST_HOLE, %esi
  cmp $0xfec00000, %esi
  jae next_hole
  next_random
  mov %rax, %rcx
  shr $32, %rcx
  and $7, %ecx
  lea hole_table(%rip), %rbx
  movslq (%rbx, %rcx, 4), %rcx
  add %rbx, %rcx
  jmp *%rcx
hole_read1:
  mov (%rsi), %al
  jmp next_hole
hole_read2:
  mov (%rsi), %ax
  jmp next_hole
hole_read4:
  mov (%rsi), %eax
  jmp next_hole
hole_read8:
  mov (%rsi), %rax
  jmp next_hole
hole_write1:
  mov %al, (%rsi)
  jmp next_hole
hole_write2:
  mov %ax, (%rsi)
  jmp next_hole
hole_write4:
  mov %eax, (%rsi)
  jmp next_hole
hole_write8:
  mov %rax, (%rsi)
next_hole:
  dec %r14d
  jnz holes
  end_with $0
  guest_end

  .balign 4
port_table:
  .long port_in1 - port_table, port_in2 - port_table, port_in4 - port_table
  .long port_out1 - port_table, port_out2 - port_table, port_out4 - port_table
  .long port_out1 - port_table, port_out4 - port_table
hole_table:
  .long hole_read1 - hole_table, hole_read2 - hole_table, hole_read4 - hole_table
  .long hole_read8 - hole_table, hole_write1 - hole_table, hole_write2 - hole_table
  .long hole_write4 - hole_table, hole_write8 - hole_table
