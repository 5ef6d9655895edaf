/* SPDX-License-Identifier: Apache-2.0 */
/* Takes three interrupts of the PIT through the PIC and the local APIC's LINT0. Ends with 3. */
#include "guest.inc"

#define VECTOR 0x20
#define APIC_SPURIOUS 0xf0
#define APIC_LINT0 0x350

.macro outb_port port, value
  mov \value, %al
  out %al, $\port
.endm

  guest_start
  set_gate VECTOR, on_timer
  mov $LOCAL_APIC, %esi
  movl $0x1ff, APIC_SPURIOUS(%rsi)
  movl $0x700, APIC_LINT0(%rsi) /* ExtINT, not masked */
  /* Both PICs: ICW1 to ICW4, then all masked but input 0 (8259A datasheet). */
  outb_port 0x20, $0x11
  outb_port 0x21, $VECTOR
  outb_port 0x21, $4
  outb_port 0x21, $1
  outb_port 0xa0, $0x11
  outb_port 0xa1, $(VECTOR + 8)
  outb_port 0xa1, $2
  outb_port 0xa1, $1
  outb_port 0xa1, $0xff
  outb_port 0x21, $0xfe
  /* Channel 0, mode 2, 1,193 ticks of 1.193182 MHz: a millisecond (8254 datasheet). */
  outb_port 0x43, $0x34
  outb_port 0x40, $(1193 & 255)
  outb_port 0x40, $(1193 >> 8)
  xor %ebx, %ebx
next:
  sti
  hlt
  cli
  cmp $3, %ebx
  jb next
  end_with %ebx
  guest_end

/* Ticks that a slow host missed come one right after the other: the third is the last. */
on_timer:
  inc %ebx
  cmp $3, %ebx
  jb 1f
  outb_port 0x21, $0xff
1:
  outb_port 0x20, $0x20
  iretq

  idt_data
