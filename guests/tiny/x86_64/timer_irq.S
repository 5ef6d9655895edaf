/* SPDX-License-Identifier: Apache-2.0 */
/* Takes three interrupts of the local APIC's timer, halted in between. Ends with their number. */
#include "guest.inc"

#define VECTOR 0x40
#define APIC_EOI 0xb0
#define APIC_SPURIOUS 0xf0
#define APIC_TIMER 0x320
#define APIC_INITIAL_COUNT 0x380
#define APIC_DIVIDE 0x3e0

  guest_start
  set_gate VECTOR, on_timer
  mov $LOCAL_APIC, %esi
  movl $0x1ff, APIC_SPURIOUS(%rsi) /* enabled */
  movl $0xb, APIC_DIVIDE(%rsi)     /* by 1 (Intel SDM 3A, 10.5.4) */
  movl $VECTOR, APIC_TIMER(%rsi)   /* one-shot */
  xor %ebx, %ebx
next:
  movl $100000, APIC_INITIAL_COUNT(%rsi)
  /* The interrupt is taken after HLT has begun, for sti holds it off for one instruction. */
  sti
  hlt
  cli
  cmp $3, %ebx
  jb next
  end_with %ebx
  guest_end

on_timer:
  inc %ebx
  movl $0, APIC_EOI(%rsi)
  iretq

  idt_data
