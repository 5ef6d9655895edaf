/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's teaching device (docs/specs/edu.txt) raises its pin, and nobody tells it to stop: the
 * interrupt comes again as soon as it has ended. The guest must get most of its time all the same,
 * at the latest after a while. When the device has been told at last it must be quiet, and interrupt
 * once when it is asked to again. Ends with 0, or with the number of what went wrong. */
#include "guest.inc"
#include "pci.inc"

#define VECTOR 0x40
#define APIC_EOI 0xb0
#define APIC_SPURIOUS 0xf0
#define IO_APIC 0xfec00000
#define IO_APIC_WINDOW 0x10
#define IO_APIC_TABLE 0x10
#define LEVEL_ACTIVE_LOW (1 << 15 | 1 << 13)
#define EDU_RAISE 0x60
#define EDU_ACKNOWLEDGE 0x64

/* A quarter of a second if an instruction takes 2 ns. */
#define WORK 62500000
#define TRIES 40
#define CALM 10


  guest_start
  set_gate VECTOR, on_interrupt
  mov $LOCAL_APIC, %esi
  movl $0x1ff, APIC_SPURIOUS(%rsi) /* enabled */
  xor %r13d, %r13d                 /* interrupts so far */
  xor %r14d, %r14d                 /* whether the handler tells the device */

  mov $1, %ebx
  find_function 0, 0xffffffff, 0x11e81234
  movw $PCI_MEMORY_ON, PCI_COMMAND(%rdi)
  mov PCI_BAR0(%rdi), %eax
  and $~15, %eax
  mov %eax, %r12d
  mov $2, %ebx
  mov (%r12), %eax
  cmp $0xed, %al
  jne wrong
  /* Its input of the I/O APIC, to this processor (82093AA, 3.2.4). */
  movzbl PCI_INTERRUPT_LINE(%rdi), %eax
  lea IO_APIC_TABLE(%rax,%rax), %ecx
  mov $IO_APIC, %edi
  lea 1(%rcx), %eax
  mov %eax, (%rdi)
  movl $0, IO_APIC_WINDOW(%rdi)
  mov %ecx, (%rdi)
  movl $(LEVEL_ACTIVE_LOW | VECTOR), IO_APIC_WINDOW(%rdi)

  call work
  lea (%rax,%rax), %r15 /* what it may take */
  movl $1, EDU_RAISE(%r12)
  sti
  mov $3, %ebx
  mov $TRIES, %ebp
storm:
  mov %r13, %r8
  call work
  cmp %r8, %r13
  je wrong
  cmp %r15, %rax
  jbe bearable
  dec %ebp
  jnz storm
  jmp wrong
bearable:
  /* It is not by chance. */
  mov $4, %ebx
  call work
  cmp %r15, %rax
  ja wrong
  mov $5, %ebx
  call work
  cmp %r15, %rax
  ja wrong

  /* One may be on its way. */
  mov $6, %ebx
  mov $1, %r14d
  movl $1, EDU_ACKNOWLEDGE(%r12)
  call work
  mov %r13, %r8
  mov $CALM, %ebp
calm:
  call work
  cmp %r8, %r13
  jne wrong
  dec %ebp
  jnz calm

  mov $7, %ebx
  movl $1, EDU_RAISE(%r12)
  call work
  sub %r8, %r13
  cmp $1, %r13
  jne wrong
  cli
  end_with $0
wrong:
  cli
  end_with %ebx
  guest_end

/* How long it takes now, to %rax. */
work:
  rdtsc
  shl $32, %rdx
  lea (%rax,%rdx), %r9
  mov $WORK, %ecx
again:
  dec %ecx
  jnz again
  rdtsc
  shl $32, %rdx
  add %rdx, %rax
  sub %r9, %rax
  ret

on_interrupt:
  inc %r13
  test %r14d, %r14d
  jz ended
  movl $1, EDU_ACKNOWLEDGE(%r12)
ended:
  movl $0, APIC_EOI(%rsi)
  iretq

  idt_data
