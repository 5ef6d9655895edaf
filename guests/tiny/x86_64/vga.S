/* SPDX-License-Identifier: Apache-2.0 */
/* A graphics card at the addresses that VGA always had: its text memory and its ports, while the
 * command register lets it, and ones while not. Ends with 0, or with the number of what went wrong. */
#include "guest.inc"
#include "pci.inc"

#define TEXT 0xb8000
#define DISPLAY_VGA 0x03000000 /* base class and sub-class */
#define CRTC 0x3d4
#define SEQUENCER 0x3c4
#define GRAPHICS 0x3ce
#define MISC_WRITE 0x3c2
#define MISC_READ 0x3cc
#define DAC_READ 0x3c7
#define DAC_WRITE 0x3c8
#define DAC_DATA 0x3c9
#define MAP_MASK 2
#define LINTEL 0x1f741f6e1f691f4c /* "Lint", white on blue */

.macro put port, value
  mov $\port, %dx
  mov \value, %al
  out %al, %dx
.endm

.macro get port
  mov $\port, %dx
  in %dx, %al
.endm

/* An index and its register at once. */
.macro put_indexed port, index, value
  mov $\port, %dx
  mov $(\value << 8 | \index), %ax
  out %ax, %dx
.endm

.macro expect_byte value, step
  mov $\step, %ebx
  cmp \value, %al
  jne wrong
.endm

  guest_start
  mov $TEXT, %esi
  mov $1, %ebx
  find_function PCI_CLASS, 0xffff0000, DISPLAY_VGA

  movw $0, PCI_COMMAND(%rdi)
  mov $2, %ebx
  cmpw $-1, (%rsi)
  jne wrong
  get MISC_READ
  expect_byte $0xff, 3

  /* Color, so that the CRTC is where it is looked for. */
  movw $(PCI_PORTS_ON | PCI_MEMORY_ON), PCI_COMMAND(%rdi)
  put MISC_WRITE, $0x67
  get MISC_READ
  expect_byte $0x67, 4

  put CRTC, $0xe /* where the cursor is, high and low */
  put CRTC+1, $0x5
  put_indexed CRTC, 0xf, 0xa3
  put CRTC, $0xe
  get CRTC+1
  expect_byte $0x5, 5
  put CRTC, $0xf
  get CRTC+1
  expect_byte $0xa3, 6

  put DAC_WRITE, $0x42
  put DAC_DATA, $0x11
  put DAC_DATA, $0x22
  put DAC_DATA, $0x33
  put DAC_READ, $0x42
  get DAC_DATA
  expect_byte $0x11, 7
  get DAC_DATA
  expect_byte $0x22, 8
  get DAC_DATA
  expect_byte $0x33, 9

  /* Text: characters and attributes in planes 0 and 1, by odd and even addresses. */
  put_indexed SEQUENCER, MAP_MASK, 3
  put_indexed SEQUENCER, 4, 2
  put_indexed GRAPHICS, 1, 0
  put_indexed GRAPHICS, 3, 0
  put_indexed GRAPHICS, 4, 0
  put_indexed GRAPHICS, 5, 0x10
  put_indexed GRAPHICS, 6, 0xe
  put_indexed GRAPHICS, 8, 0xff
  mov $LINTEL, %r12
  mov %r12, (%rsi)
  movb $0x21, 8(%rsi)
  movw $0x1f21, 3998(%rsi) /* the last of 80 times 25 */
  mov $10, %ebx
  cmp %r12, (%rsi)
  jne wrong
  mov $11, %ebx
  cmpb $0x21, 8(%rsi)
  jne wrong
  mov $12, %ebx
  cmpw $0x1f21, 3998(%rsi)
  jne wrong

  /* It is the card's: memory would take this. */
  put_indexed SEQUENCER, MAP_MASK, 0
  movq $0, (%rsi)
  mov $13, %ebx
  cmp %r12, (%rsi)
  jne wrong

  put_indexed SEQUENCER, MAP_MASK, 3
  movw $PCI_PORTS_ON, PCI_COMMAND(%rdi)
  mov $14, %ebx
  cmpq $-1, (%rsi)
  jne wrong
  movq $0, (%rsi)
  movw $PCI_MEMORY_ON, PCI_COMMAND(%rdi)
  mov $15, %ebx
  cmp %r12, (%rsi)
  jne wrong
  get MISC_READ
  expect_byte $0xff, 16
  end_with $0
wrong:
  end_with %ebx
  guest_end
