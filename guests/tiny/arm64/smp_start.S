/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the other processors by PSCI's CPU_ON (DEN 0022, 5.6) until one is not there. Each finds its
 * context in x0 and its redistributor in its place (IHI 0069, 12.11, GICR_TYPER), says so and halts.
 * Prints the number of processors when all have come up and ends with it, with 200 + an error of PSCI,
 * with 201 where a processor is started twice, or with 240 where a redistributor is another's. */
#include "guest.inc"

#define MAX_CPUS 0xff
#define INVALID_PARAMETERS 2
#define ALREADY_ON 4

#define REDISTRIBUTOR_SHIFT 17
#define REDISTRIBUTOR_TYPE 8
#define AFFINITY 0x00ffffff

/* Processor x21: KVM gives affinity 0 to 16 of them. */
.macro cpu_on
  load x0, PSCI_CPU_ON
  and x1, x21, #0xf
  lsr x2, x21, #4
  orr x1, x1, x2, lsl #8
  adr x2, other
  add x3, x19, #FLAGS >> 12, lsl #12
  add x3, x3, x21, lsl #2
  hvc #0
.endm

  guest_start
  mov x21, #0
  cpu_on
  mov w20, #201
  cmn w0, #ALREADY_ON
  b.ne wrong
  mov x21, #1
start:
  cpu_on
  cmn w0, #INVALID_PARAMETERS
  b.eq started
  mov w20, #200
  sub w20, w20, w0
  cbnz w0, wrong
  add x21, x21, #1
  cmp x21, #MAX_CPUS
  b.lo start

started:
  mov w20, #240
  mov x22, #1
  add x23, x19, #FLAGS >> 12, lsl #12
wait:
  cmp x22, x21
  b.hs done
  ldr w0, [x23, x22, lsl #2]
  cbz w0, wait
  tbnz w0, #1, wrong
  add x22, x22, #1
  b wait
done:
  mov w22, #100
  mov w23, #10
  mov w24, w21
digit:
  udiv w25, w24, w22
  msub w24, w25, w22, w24
  add w25, w25, #'0'
  print_byte w25
  udiv w22, w22, w23
  cbnz w22, digit
  print_byte #'\n'
  end_with w21
  wrong_ends

/* 1 to the word at x0, or 2. */
other:
  mrs x1, mpidr_el1
  and w1, w1, #AFFINITY
  and w2, w1, #0xf
  lsr w3, w1, #8
  orr w2, w2, w3, lsl #4
  load x3, GIC_REDISTRIBUTOR
  add x3, x3, x2, lsl #REDISTRIBUTOR_SHIFT
  ldr x3, [x3, #REDISTRIBUTOR_TYPE]
  lsr x3, x3, #32
  cmp w3, w1
  cset w1, ne
  add w1, w1, #1
  str w1, [x0]
  b halt
  guest_end
