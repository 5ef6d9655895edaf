/* SPDX-License-Identifier: Apache-2.0 */
/* For guests without an operating system. They are entered at their first byte in long mode with
 * the first 4 GiB mapped one to one and interrupts off, and end by `end_with`. */
#pragma once

#define PORT_DEBUG_EXIT 0xf4
#define PORT_DEBUG_CONSOLE 0x402
#define PORT_PVPANIC 0x505
#define PORT_PM_CONTROL 0x604
#define PORT_PCI_ADDRESS 0xcf8
#define PORT_RESET 0xcf9
#define PORT_PCI_DATA 0xcfc

/* Nothing answers here. */
#define PORT_EMPTY 0x1230
#define MEMORY_EMPTY 0xfed00000

#define STACK_TOP 0x1f0000
#define IDT 0x1f0000
#define LOCAL_APIC 0xfee00000

  .code64

/* Must come first in every guest. */
.macro guest_start
  .text
  .globl _start
_start:
  mov $STACK_TOP, %rsp
  cld
.endm

/* The exit status is the 32 bits written to the debug exit device. */
.macro end_with status
  mov \status, %eax
  mov $PORT_DEBUG_EXIT, %edx
  out %eax, %dx
  jmp halt
.endm

/* Where a guest waits for its end, and what it does if the end does not come. */
.macro guest_end
halt:
  cli
  hlt
  jmp halt
.endm

.macro print_byte value
  mov \value, %al
  mov $PORT_DEBUG_CONSOLE, %dx
  out %al, %dx
.endm

/* Points interrupt `vector` to `handler` and loads the table. */
.macro set_gate vector, handler
  mov $IDT, %edi
  xor %eax, %eax
  mov $(256 * 16 / 8), %ecx
  rep stosq
  lea \handler(%rip), %rax
  mov $(IDT + \vector * 16), %edi
  mov %ax, (%rdi)
  mov %cs, %cx
  mov %cx, 2(%rdi)
  movw $0x8e00, 4(%rdi) /* present, 64-bit interrupt gate (Intel SDM 3A, 6.14.1) */
  shr $16, %rax
  mov %ax, 6(%rdi)
  lidt idt_pointer(%rip)
.endm

.macro idt_data
  .balign 8
idt_pointer:
  .word 256 * 16 - 1
  .quad IDT
.endm
